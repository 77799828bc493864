"""The first stage: takes the blanks around its input away."""

from djl_python import Input, Output


def handle(inputs: Input):
    if inputs.is_empty():
        return None  # the call that loads the model
    return Output().add(inputs.get_as_string().strip())
