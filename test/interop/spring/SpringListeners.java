import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.apache.rocketmq.spring.core.RocketMQPushConsumerLifecycleListener;
import org.apache.rocketmq.spring.core.RocketMQReplyListener;
import org.springframework.messaging.Message;

/** The listeners of the application, of each kind that there is. */
final class SpringListeners {
    private SpringListeners() {
    }

    /** What goes over the wire as JSON, in both directions. */
    public static class Order {
        public long id;
        public String customer;
        public List<String> items;
        public Instant placedAt;
    }

    public static class Quote {
        public long id;
        public double total;
    }

    /** 2.3.5 has no attribute for where a group begins. */
    abstract static class FromTheFirst implements RocketMQPushConsumerLifecycleListener {
        final SpringPeer.Outbox outbox;

        FromTheFirst(SpringPeer.Outbox outbox) {
            this.outbox = outbox;
        }

        @Override
        public void prepareStart(DefaultMQPushConsumer consumer) {
            consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
            Messages.hurry(consumer);
        }
    }

    @RocketMQMessageListener(topic = "${to.spring}", consumerGroup = "${to.spring}-texts", selectorExpression = "text")
    static class Texts extends FromTheFirst implements RocketMQListener<String> {
        Texts(SpringPeer.Outbox outbox) {
            super(outbox);
        }

        @Override
        public void onMessage(String text) {
            outbox.put("texts", Map.of("text", text));
        }
    }

    @RocketMQMessageListener(topic = "${to.spring}", consumerGroup = "${to.spring}-orders", selectorExpression = "order")
    static class Orders extends FromTheFirst implements RocketMQListener<Order> {
        Orders(SpringPeer.Outbox outbox) {
            super(outbox);
        }

        @Override
        public void onMessage(Order order) {
            outbox.put("orders", fieldsOf(order));
        }
    }

    /** Everything, as the client has it: a typed payload comes without its properties. */
    @RocketMQMessageListener(topic = "${to.spring}", consumerGroup = "${to.spring}-raw")
    static class Raw extends FromTheFirst implements RocketMQListener<MessageExt> {
        Raw(SpringPeer.Outbox outbox) {
            super(outbox);
        }

        @Override
        public void onMessage(MessageExt message) {
            Map<String, Object> seen = new LinkedHashMap<>();
            seen.put("text", new String(message.getBody(), StandardCharsets.UTF_8));
            seen.put("tags", message.getTags());
            seen.put("keys", message.getKeys());
            seen.put("queueId", message.getQueueId());
            seen.put("properties", new TreeMap<>(message.getProperties()));
            outbox.put("raw", seen);
        }
    }

    @RocketMQMessageListener(topic = "${ask.spring}", consumerGroup = "${ask.spring}-quotes")
    static class Quotes extends FromTheFirst implements RocketMQReplyListener<Order, Quote> {
        Quotes(SpringPeer.Outbox outbox) {
            super(outbox);
        }

        @Override
        public Quote onMessage(Order order) {
            Quote quote = new Quote();
            quote.id = order.id;
            quote.total = order.items.size() * 2.5;
            return quote;
        }
    }

    /** Does what the argument says, and answers the broker by what the message says. */
    @RocketMQTransactionListener
    static class LocalTransactions implements RocketMQLocalTransactionListener {
        private final SpringPeer.Outbox outbox;

        LocalTransactions(SpringPeer.Outbox outbox) {
            this.outbox = outbox;
        }

        @Override
        public RocketMQLocalTransactionState executeLocalTransaction(Message message, Object state) {
            return RocketMQLocalTransactionState.valueOf((String) state);
        }

        @Override
        public RocketMQLocalTransactionState checkLocalTransaction(Message message) {
            String text = new String((byte[]) message.getPayload(), StandardCharsets.UTF_8);
            outbox.put("checks", Map.of("text", text));
            return List.of("keep it", "committed").contains(text)
                ? RocketMQLocalTransactionState.COMMIT
                : RocketMQLocalTransactionState.ROLLBACK;
        }
    }

    static Map<String, Object> fieldsOf(Order order) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", order.id);
        fields.put("customer", order.customer);
        fields.put("items", order.items);
        fields.put("placedAt", String.valueOf(order.placedAt));
        return fields;
    }
}
