package ai.djl.serving.wlm;

import ai.djl.translate.TranslateException;
import java.util.List;

/** Signatures only. */
@FunctionalInterface
public interface JobFunction<I, O> {
    List<O> apply(List<I> inputs) throws TranslateException;
}
