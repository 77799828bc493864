package io.hfx.plugin.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hfx.engine.text.ChatTemplate;
import io.hfx.plugin.http.ApiError;
import io.hfx.plugin.http.ApiException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of a chat request reaches the chat template, and what is refused before. */
class ChatPromptTest {
    /** Writes all that it is given. */
    private static final ChatTemplate SHOWS_ALL =
            (messages, options) ->
                    (options.tools() == null ? "" : "tools=" + options.tools() + " ")
                            + (options.documents() == null ? "" : "docs=" + options.documents())
                            + options.variables()
                            + messages
                            + options.addGenerationPrompt();

    /** Writes roles and trimmed contents, as many templates do. */
    private static final ChatTemplate TRIMS =
            (messages, options) -> {
                StringBuilder text = new StringBuilder();
                messages.forEach(
                        each ->
                                text.append('<')
                                        .append(each.path("role").asText())
                                        .append('>')
                                        .append(each.path("content").asText().strip())
                                        .append("</>"));
                return text + (options.addGenerationPrompt() ? "<assistant>" : "");
            };

    private static ChatPrompt read(String body) {
        return ChatPrompt.read(Fields.parse(body.replace('\'', '"').getBytes(UTF_8)));
    }

    private static ArrayNode messages(String messages) {
        return read("{'messages':" + messages + "}").messages();
    }

    private static ApiError error(String body) {
        return assertThrows(ApiException.class, () -> read(body).render(SHOWS_ALL)).error();
    }

    @Test
    void rolesNamesAndPartsComeAsTemplatesTakeThem() {
        assertEquals(
                "[{'role':'system','content':'ab','name':'n'},{'role':'user','content':'c'}]"
                        .replace('\'', '"'),
                messages(
                                "[{'role':'developer','name':'n','content':[{'type':'text','text':'a'},"
                                        + "{'type':'text','text':'b'}]},"
                                        + "{'role':'user','content':'c','name':null}]")
                        .toString());
    }

    @Test
    void toolTurnsComeWithArgumentsAsObjects() {
        String call =
                "{'id':'c1','type':'function','function':{'name':'f','arguments':'{\\\"x\\\":[1]}'}}";
        assertEquals(
                ("[{'role':'assistant','content':null,'tool_calls':[{'id':'c1','type':'function',"
                                + "'function':{'name':'f','arguments':{'x':[1]}}}]},"
                                + "{'role':'tool','content':'42','tool_call_id':'c1'}]")
                        .replace('\'', '"'),
                messages(
                                "[{'role':'assistant','content':null,'tool_calls':["
                                        + call
                                        + "]},{'role':'tool','content':'42','tool_call_id':'c1'}]")
                        .toString());
    }

    /** What the SDKs' message objects hold when they are sent back. */
    @Test
    void anAnswerMayBeSentBackAsItCame() {
        assertEquals(
                "[{\"role\":\"assistant\",\"content\":\"hi\"}]",
                messages(
                                "[{'role':'assistant','content':'hi','refusal':null,"
                                        + "'annotations':[],'audio':null,'function_call':null,"
                                        + "'tool_calls':null}]")
                        .toString());
    }

    @Test
    void refusalsAndReasoningAreKept() {
        assertEquals(
                "[{\"role\":\"assistant\",\"content\":\"No.\",\"reasoning_content\":\"why\"}]",
                messages("[{'role':'assistant','refusal':'No.','reasoning_content':'why'}]")
                        .toString());
        assertEquals(
                "[{\"role\":\"assistant\",\"content\":\"a No.\"}]",
                messages(
                                "[{'role':'assistant','content':[{'type':'text','text':'a '},"
                                        + "{'type':'refusal','refusal':'No.'}]}]")
                        .toString());
    }

    @Test
    void toolsDocumentsAndVariablesReachTheTemplate() {
        String text =
                read("{'messages':[{'role':'user','content':'a'}],'tool_choice':'none',"
                                + "'tools':[{'type':'function','function':{'name':'f',"
                                + "'parameters':{'type':'object'},'strict':false}}],"
                                + "'documents':[{'title':'t'}],"
                                + "'chat_template_kwargs':{'enable_thinking':false}}")
                        .render(SHOWS_ALL);
        assertTrue(text.startsWith("tools=[{\"type\":\"function\""), text);
        assertTrue(text.contains("docs=[{\"title\":\"t\"}]{enable_thinking=false}"), text);
    }

    @Test
    void whatTheTemplateHasNoPlaceForIsRefused() {
        ChatPrompt tools =
                read(
                        "{'messages':[{'role':'user','content':'a'}],'tool_choice':'none',"
                                + "'tools':[{'type':'function','function':{'name':'f'}}]}");
        ApiError error = assertThrows(ApiException.class, () -> tools.render(TRIMS)).error();
        assertEquals("tools", error.param());
        assertEquals("unsupported_parameter", error.code());
        ChatPrompt documents =
                read("{'messages':[{'role':'user','content':'a'}],'documents':[{'a':1}]}");
        assertEquals(
                "documents",
                assertThrows(ApiException.class, () -> documents.render(TRIMS)).error().param());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            textBlock =
                    """
                    `Hel`,    `Hel`
                    ` Hel `,  `Hel`
                    `a </> b`,  `a </> b`
                    """)
    void theLastMessageIsContinued(String last, String written) {
        String text =
                read("{'messages':[{'role':'user','content':'Hel'},"
                                + "{'role':'assistant','content':'"
                                + last
                                + "'}],'continue_final_message':true}")
                        .render(TRIMS);
        assertEquals("<user>Hel</><assistant>" + written, text);
    }

    @Test
    void aTemplateThatKeepsBlanksContinuesAfterThem() {
        ChatTemplate keeps =
                (messages, options) -> "A:" + messages.get(0).path("content").asText() + ";";
        assertEquals(
                "A: Hel ",
                read("{'messages':[{'role':'assistant','content':' Hel '}],"
                                + "'continue_final_message':true}")
                        .render(keeps));
    }

    @Test
    void theGenerationPromptMayBeLeftOut() {
        String body = "{'messages':[{'role':'user','content':'a'}],'add_generation_prompt':false}";
        assertEquals("<user>a</>", read(body).render(TRIMS));
        assertEquals("<user>a</><assistant>", read(body.replace("false", "true")).render(TRIMS));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {'messages':[{'role':'function','name':'f','content':'a'}]} | messages[0].role
                    {'messages':[{'content':'a'}]}                              | messages[0].role
                    {'messages':[{'role':'tool','content':'a'}]}                | messages[0].tool_call_id
                    {'messages':[{'role':'user','content':'a','tool_calls':[]}]} | messages[0].tool_calls
                    {'messages':[{'role':'assistant'}]}                         | messages[0].content
                    {'messages':[{'role':'assistant','content':'a','audio':{'id':'x'}}]} | messages[0].audio
                    {'messages':[{'role':'assistant','content':'a','function_call':{'name':'f'}}]} | messages[0].function_call
                    {'messages':[{'role':'user','content':[{'type':'refusal','refusal':'a'}]}]} | messages[0].content[0].type
                    {'messages':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'x'}}]}]} | messages[0].content[1].type
                    {'messages':[{'role':'user','content':[{'type':'input_audio'}]}]} | messages[0].content[0].type
                    {'messages':[{'role':'user','content':[{'type':'text','text':'a','x':1}]}]} | messages[0].content[0].x
                    {'messages':[{'role':'assistant','tool_calls':[{'id':'1','type':'custom'}]}]} | messages[0].tool_calls[0].type
                    {'messages':[{'role':'assistant','tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':'{'}}]}]} | messages[0].tool_calls[0].function.arguments
                    {'messages':[{'role':'assistant','tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':'[]'}}]}]} | messages[0].tool_calls[0].function.arguments
                    {'messages':[{'role':'user','content':'a'}],'tools':[{'type':'function','function':{'name':'f'}}]} | tools
                    {'messages':[{'role':'user','content':'a'}],'tools':[{'type':'function','function':{'name':'f'}}],'tool_choice':'auto'} | tool_choice
                    {'messages':[{'role':'user','content':'a'}],'tool_choice':'required'} | tool_choice
                    {'messages':[{'role':'user','content':'a'}],'tool_choice':{'type':'function'}} | tool_choice
                    {'messages':[{'role':'user','content':'a'}],'tools':[{'type':'custom'}]} | tools[0].type
                    {'messages':[{'role':'user','content':'a'}],'tools':[{'type':'function','function':{}}]} | tools[0].function.name
                    {'messages':[{'role':'user','content':'a'}],'tools':{}} | tools
                    {'messages':[{'role':'user','content':'a'}],'documents':['a']} | documents[0]
                    {'messages':[{'role':'user','content':'a'}],'chat_template_kwargs':{'messages':[]}} | chat_template_kwargs.messages
                    {'messages':[{'role':'user','content':'a'}],'chat_template_kwargs':[]} | chat_template_kwargs
                    {'messages':[{'role':'user','content':'a'}],'continue_final_message':true} | messages[0]
                    {'messages':[{'role':'assistant','content':' '}],'continue_final_message':true} | messages[0]
                    {'messages':[{'role':'assistant','content':'a'}],'continue_final_message':true,'add_generation_prompt':true} | add_generation_prompt
                    """)
    void whatCannotBeIsNamed(String body, String param) {
        ApiError error = error(body);
        assertEquals(400, error.status());
        assertEquals(param, error.param(), error.message());
    }
}
