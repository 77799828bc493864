package io.hfx.scheduler.request;

/**
 * Names a worker within its fleet.
 *
 * @param name for example {@code worker-0}
 */
public record WorkerId(String name) {
    @Override
    public String toString() {
        return name;
    }
}
