package ai.djl.serving.util;

/** Signatures only. */
public final class Connector {
    private Connector() {}

    @Override
    public boolean equals(Object o) {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public int hashCode() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public String toString() {
        throw new UnsupportedOperationException("stub");
    }

    public enum ConnectorType {
        CLUSTER,
        INFERENCE,
        MANAGEMENT,
        BOTH
    }
}
