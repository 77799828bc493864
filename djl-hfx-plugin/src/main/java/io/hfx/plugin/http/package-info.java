/**
 * HTTP without any API: the listener with its limits and timeouts, exchanges, server-sent events,
 * routes and error bodies. Only the listener assumes that the socket is ours; exchanges and routes
 * also work in the pipeline of DJL Serving.
 */
@NullMarked
package io.hfx.plugin.http;

import org.jspecify.annotations.NullMarked;
