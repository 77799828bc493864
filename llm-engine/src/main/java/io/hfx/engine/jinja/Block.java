package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.RaisedException;
import java.util.List;

/** Statements in order. An error gets the line of the innermost statement that it came from. */
record Block(List<Placed> statements) {
    /** A statement and its line. */
    record Placed(Statement statement, int line) {}

    Flow execute(Scope scope, StringBuilder out) {
        for (Placed each : statements) {
            try {
                Flow flow = each.statement().execute(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            } catch (RaisedException e) {
                throw e;
            } catch (EvaluationException e) {
                throw new TemplateException(each.line(), String.valueOf(e.getMessage()));
            }
        }
        return Flow.NEXT;
    }

    /** What is executed after a statement. */
    enum Flow {
        NEXT,
        BREAK,
        CONTINUE
    }
}
