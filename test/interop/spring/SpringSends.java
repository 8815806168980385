import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.spring.core.RocketMQLocalRequestCallback;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** What the template sends. A message is {"text"}, {"order"} or {"base64"}, and {"headers"} when it has any. */
final class SpringSends {
    private final Function<String, RocketMQTemplate> templates;

    SpringSends(Function<String, RocketMQTemplate> templates) {
        this.templates = templates;
    }

    void register(Peer peer) {
        peer.on("send", a -> Messages.write(template(a).syncSend(destination(a), message(a))));
        peer.on("sendOrderly", a ->
            Messages.write(template(a).syncSendOrderly(destination(a), message(a), a.getString("hashKey"))));
        peer.on("sendDelayed", a ->
            Messages.write(template(a).syncSendDelayTimeMills(destination(a), message(a), a.getLongValue("millis"))));
        peer.on("sendBatch", a -> Messages.write(template(a).syncSend(destination(a), batch(a))));
        peer.on("transaction", this::transaction);
        peer.on("ask.text", a -> ask(a, new TextReply()));
        peer.on("ask.quote", a -> ask(a, new QuoteReply()));
    }

    private RocketMQTemplate template(JSONObject arguments) {
        return templates.apply(arguments.getString("application"));
    }

    private static String destination(JSONObject arguments) {
        return arguments.getString("destination");
    }

    private static Message<?> message(JSONObject json) {
        MessageBuilder<?> builder = MessageBuilder.withPayload(payload(json));
        JSONObject headers = json.getJSONObject("headers");
        if (headers != null) {
            headers.forEach((name, value) -> builder.setHeader(name, value instanceof JSONArray ? listOf(value) : value));
        }
        return builder.build();
    }

    private static List<String> listOf(Object json) {
        return ((JSONArray) json).toJavaList(String.class);
    }

    private static Object payload(JSONObject json) {
        JSONObject fields = json.getJSONObject("order");
        if (fields == null) {
            String base64 = json.getString("base64");
            return base64 == null ? json.getString("text") : Base64.getDecoder().decode(base64);
        }
        SpringListeners.Order order = new SpringListeners.Order();
        order.id = fields.getLongValue("id");
        order.customer = fields.getString("customer");
        order.items = listOf(fields.getJSONArray("items"));
        order.placedAt = Instant.parse(fields.getString("placedAt"));
        return order;
    }

    private static List<Message<?>> batch(JSONObject arguments) {
        List<Message<?>> messages = new ArrayList<>();
        for (Object json : arguments.getJSONArray("messages")) {
            messages.add(message((JSONObject) json));
        }
        return messages;
    }

    private Object transaction(JSONObject arguments) {
        TransactionSendResult result = template(arguments)
            .sendMessageInTransaction(destination(arguments), message(arguments), arguments.getString("state"));
        return result.getLocalTransactionState().name();
    }

    /**
     * By callback, as the client of 5.3.2 ends the form without one as soon as the broker has the request, on any broker.
     * Spring reads a reply's type off the callback's class, where it stands behind "implements": each type needs a class.
     */
    private static class Reply {
        final CompletableFuture<Object> future = new CompletableFuture<>();

        public void onException(Throwable error) {
            future.completeExceptionally(error);
        }
    }

    private static final class TextReply extends Reply implements RocketMQLocalRequestCallback<String> {
        @Override
        public void onSuccess(String text) {
            future.complete(text);
        }
    }

    private static final class QuoteReply extends Reply implements RocketMQLocalRequestCallback<SpringListeners.Quote> {
        @Override
        public void onSuccess(SpringListeners.Quote quote) {
            future.complete(quote);
        }
    }

    private <R extends Reply & RocketMQLocalRequestCallback<?>> Object ask(JSONObject arguments, R reply) throws Exception {
        template(arguments)
            .sendAndReceive(destination(arguments), message(arguments), reply, arguments.getLongValue("timeout"));
        return reply.future.get();
    }
}
