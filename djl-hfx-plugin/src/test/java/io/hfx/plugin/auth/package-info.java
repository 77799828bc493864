/** Tests of keys and TLS. */
package io.hfx.plugin.auth;
