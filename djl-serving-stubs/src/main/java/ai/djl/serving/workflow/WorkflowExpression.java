package ai.djl.serving.workflow;

import ai.djl.modality.Input;

public class WorkflowExpression {
    public WorkflowExpression(Item... args) {
        throw new UnsupportedOperationException("stub");
    }

    public static class Item {
        public Item(Input input) {
            throw new UnsupportedOperationException("stub");
        }

        public Input getInput() {
            throw new UnsupportedOperationException("stub");
        }

        public ItemType getItemType() {
            throw new UnsupportedOperationException("stub");
        }

        public enum ItemType {
            STRING,
            EXPRESSION,
            INPUT
        }
    }
}
