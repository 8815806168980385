import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/** push.start, push.assignment, push.stop; each message is an event {"event":"message","consumer":name,"message":...} */
final class Consumers {
    private final Peer peer;
    private final Map<String, DefaultMQPushConsumer> consumers = new ConcurrentHashMap<>();

    Consumers(Peer peer) {
        this.peer = peer;
    }

    void register(Peer peer) {
        peer.on("push.start", this::start);
        peer.on("push.assignment", this::assignment);
        peer.on("push.stop", this::stop);
    }

    /**
     * name, group, nameServer, subscriptions [[topic, expression [, TAG | SQL92 | CLASS]]], messageModel, consumeFromWhere
     * [, batchSize, consumeMode, maxReconsumeTimes, refusals, traceTopic]
     */
    private Object start(JSONObject arguments) throws Exception {
        String name = arguments.getString("name");
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(
            arguments.getString("group"), arguments.containsKey("traceTopic"), arguments.getString("traceTopic"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(name);
        consumer.setVipChannelEnabled(arguments.getBooleanValue("vipChannel"));
        Messages.hurry(consumer);
        // Every five seconds otherwise. Not for pull consumers: what they do not hold is forgotten then.
        consumer.setPersistConsumerOffsetInterval(1_000);
        // The enumeration of message models moved between the releases; the setter's type tells which one it is.
        for (var method : DefaultMQPushConsumer.class.getMethods()) {
            if (method.getName().equals("setMessageModel")) {
                method.invoke(consumer, constant(method.getParameterTypes()[0], arguments.getString("messageModel")));
            }
        }
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf(arguments.getString("consumeFromWhere")));
        consumer.setConsumeMessageBatchMaxSize(Math.max(1, arguments.getIntValue("batchSize")));
        JSONArray subscriptions = arguments.getJSONArray("subscriptions");
        for (int i = 0; i < subscriptions.size(); i++) {
            subscribe(consumer, subscriptions.getJSONArray(i));
        }
        if (arguments.containsKey("maxReconsumeTimes")) {
            consumer.setMaxReconsumeTimes(arguments.getIntValue("maxReconsumeTimes"));
        }
        consumer.setSuspendCurrentQueueTimeMillis(100);
        int refusals = arguments.getIntValue("refusals");
        if ("ORDERLY".equals(arguments.getString("consumeMode"))) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) ->
                take(name, messages, context.getMessageQueue().getBrokerName(), refusals)
                    ? ConsumeOrderlyStatus.SUCCESS : ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT);
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) ->
                take(name, messages, context.getMessageQueue().getBrokerName(), refusals)
                    ? ConsumeConcurrentlyStatus.CONSUME_SUCCESS : ConsumeConcurrentlyStatus.RECONSUME_LATER);
        }
        try {
            consumer.start();
        } catch (Exception e) {
            consumer.shutdown();
            throw e;
        }
        consumers.put(name, consumer);
        return consumer.buildMQClientId();
    }

    @SuppressWarnings("deprecation")
    private static void subscribe(DefaultMQPushConsumer consumer, JSONArray subscription) throws Exception {
        String topic = subscription.getString(0);
        String expression = subscription.getString(1);
        switch (subscription.size() > 2 ? subscription.getString(2) : "TAG") {
            case "SQL92":
                consumer.subscribe(topic, MessageSelector.bySql(expression));
                break;
            case "CLASS":
                consumer.subscribe(topic, expression, null);
                break;
            default:
                consumer.subscribe(topic, expression);
        }
    }

    /** False when a message with the tag "bad" is among them that has come less than `refusals` times before. */
    private boolean take(String name, List<MessageExt> messages, String brokerName, int refusals) {
        boolean good = true;
        for (MessageExt message : messages) {
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("event", "message");
            event.put("consumer", name);
            event.put("message", Messages.write(message, brokerName));
            peer.emit(event);
            good &= !"bad".equals(message.getTags()) || message.getReconsumeTimes() >= refusals;
        }
        return good;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static Object constant(Class type, String name) {
        return Enum.valueOf(type, name);
    }

    private static boolean busy(DefaultMQPushConsumer consumer) {
        return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().values().stream()
            .anyMatch(queue -> queue.getMsgCount().get() > 0);
    }

    private Object assignment(JSONObject arguments) {
        List<Object> queues = new ArrayList<>();
        consumers.get(arguments.getString("name")).getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable()
            .keySet().forEach(queue -> queues.add(Messages.write(queue)));
        return queues;
    }

    /** Waits for what is being handled, so that the offsets which a consumer commits at its end are those of all it got. */
    private Object stop(JSONObject arguments) throws InterruptedException {
        DefaultMQPushConsumer consumer = consumers.remove(arguments.getString("name"));
        if (consumer != null) {
            consumer.suspend();
            for (int i = 0; i < 40 && busy(consumer); i++) {
                Thread.sleep(50);
            }
            Thread.sleep(50);
            consumer.shutdown();
        }
        return null;
    }
}
