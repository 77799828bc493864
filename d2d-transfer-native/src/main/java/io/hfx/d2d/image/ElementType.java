package io.hfx.d2d.image;

/** Element types of tensors, by the names of the safetensors format. */
public enum ElementType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    /**
     * The type of a name as safetensors writes it.
     *
     * @param where what the message of a refusal begins with
     */
    static ElementType of(String where, String name) {
        for (ElementType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        throw new ImageException(
                ImageException.Fault.CORRUPT, where + ": element type \"" + name + "\" is unknown");
    }
}
