package io.hfx.engine.jinja.value;

/** Python's {@code None}, and JSON's null. */
public enum None implements Value {
    NONE;

    @Override
    public boolean truthy() {
        return false;
    }

    @Override
    public String text() {
        return "None";
    }

    @Override
    public String type() {
        return "NoneType";
    }
}
