package io.hfx.d2d.device;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.hfx.d2d.device.DeviceException.Code;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class JavaHostTest extends HostContract {
    @Override
    Device open() {
        return new JavaHost();
    }

    @Test
    void nothingIsShared() {
        try (Device host = open();
                DeviceMemory memory = host.allocate(5000);
                DeviceMemory other = host.allocate(5000)) {
            assertCode(Code.UNSUPPORTED, () -> host.allocateShareable(1));
            assertCode(Code.UNSUPPORTED, () -> host.attach(Path.of("x"), Duration.ZERO));
            assertCode(Code.UNSUPPORTED, () -> memory.offer(Path.of("x"), new byte[0]));
            assertFalse(memory.readOnly());
            memory.seal();
            assertReadOnly(memory, other);
        }
    }
}
