/** Fakes and a plain socket client for the tests of the server. */
package io.hfx.plugin.testing;
