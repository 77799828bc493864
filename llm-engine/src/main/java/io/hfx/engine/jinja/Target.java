package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Namespace;
import io.hfx.engine.jinja.value.Value;
import java.util.List;

/** What a value is given to. */
sealed interface Target {
    void assign(Value value, Scope scope);

    /** A name of the scope. */
    record Name(String name) implements Target {
        @Override
        public void assign(Value value, Scope scope) {
            scope.set(name, value);
        }
    }

    /** An attribute of a namespace. */
    record Attribute(String namespace, String name) implements Target {
        @Override
        public void assign(Value value, Scope scope) {
            if (!(scope.get(namespace) instanceof Namespace target)) {
                throw new EvaluationException("cannot assign attribute on non-namespace object");
            }
            target.set(name, value);
        }
    }

    /** Several, each of which takes one element. */
    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Value value, Scope scope) {
            List<Value> items = value.iterate();
            if (items.size() != targets.size()) {
                throw new EvaluationException(
                        "expected " + targets.size() + " values to unpack, got " + items.size());
            }
            for (int i = 0; i < items.size(); i++) {
                targets.get(i).assign(items.get(i), scope);
            }
        }
    }
}
