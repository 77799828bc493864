package ai.djl.serving.wlm.util;

/** Signatures only. */
public interface ModelServerListener {}
