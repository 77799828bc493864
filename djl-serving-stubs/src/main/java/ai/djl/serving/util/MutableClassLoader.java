package ai.djl.serving.util;

import java.net.URL;
import java.net.URLClassLoader;

/** Signatures only. */
public class MutableClassLoader extends URLClassLoader {
    public MutableClassLoader() {
        super(new URL[0]);
        throw new UnsupportedOperationException("stub");
    }

    public static MutableClassLoader getInstance() {
        throw new UnsupportedOperationException("stub");
    }
}
