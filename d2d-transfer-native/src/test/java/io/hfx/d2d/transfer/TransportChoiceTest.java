package io.hfx.d2d.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportChoiceTest {
    @Test
    void tcpNeedsNothing() {
        assertSame(LinkTransport.TCP, LinkTransport.of("tcp"));
    }

    @Test
    void anUnknownOneIsNamed() {
        TransferException why =
                assertThrows(TransferException.class, () -> LinkTransport.of("pigeon"));
        assertEquals(Fault.NO_TRANSPORT, why.fault());
        assertEquals("there is no transport pigeon", why.getMessage());
    }

    @Test
    void withoutJucxTheJarIsNamedAndTcpGoesOn() throws Exception {
        try (URLClassLoader own = new URLClassLoader(classPath(false), platform())) {
            assertTrue(
                    refusalOfUcx(own).contains("add the jar org.openucx:jucx"), refusalOfUcx(own));
            Class<?> transport = own.loadClass(LinkTransport.class.getName());
            transport.getMethod("of", String.class).invoke(null, "tcp");
        }
    }

    @Test
    void withoutUcxItsLibraryIsNamed(@TempDir Path folder) throws Exception {
        URL broken = Files.writeString(folder.resolve("libjucx.so"), "no library").toUri().toURL();
        try (URLClassLoader own =
                new URLClassLoader(classPath(true), platform()) {
                    @Override
                    public URL getResource(String name) {
                        return name.startsWith("libjucx") ? broken : super.getResource(name);
                    }
                }) {
            assertTrue(refusalOfUcx(own).contains("install UCX 1.13 or newer"), refusalOfUcx(own));
        }
    }

    private static ClassLoader platform() {
        return ClassLoader.getPlatformClassLoader();
    }

    private static URL[] classPath(boolean jucx) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(each -> jucx || !each.contains("jucx"))
                .map(TransportChoiceTest::url)
                .toArray(URL[]::new);
    }

    private static URL url(String path) {
        try {
            return Path.of(path).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError(e);
        }
    }

    /** What those classes say who have no other class path than this one. */
    private static String refusalOfUcx(ClassLoader own)
            throws IOException, ReflectiveOperationException {
        Class<?> transport = own.loadClass(LinkTransport.class.getName());
        InvocationTargetException refusal =
                assertThrows(
                        InvocationTargetException.class,
                        () -> transport.getMethod("of", String.class).invoke(null, "ucx"));
        System.out.println(refusal.getCause().getMessage());
        assertEquals(TransferException.class.getName(), refusal.getCause().getClass().getName());
        return refusal.getCause().getMessage();
    }
}
