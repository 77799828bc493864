/** Tests of the listener against hostile and unlucky clients. */
package io.hfx.plugin.http;
