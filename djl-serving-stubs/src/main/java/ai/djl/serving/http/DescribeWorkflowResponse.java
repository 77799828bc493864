package ai.djl.serving.http;

/** Signatures only. */
public class DescribeWorkflowResponse {
    DescribeWorkflowResponse() {}
}
