import com.alibaba.fastjson.JSONObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** requester.start, requester.ask, requester.stop; responder.start, responder.stop */
final class RequestReplies {
    private final Map<String, DefaultMQProducer> producers = new ConcurrentHashMap<>();
    private final Map<String, DefaultMQPushConsumer> consumers = new ConcurrentHashMap<>();

    void register(Peer peer) {
        peer.on("requester.start", arguments -> {
            producers.put(arguments.getString("name"), producer(arguments));
            return null;
        });
        peer.on("requester.ask", this::ask);
        peer.on("requester.stop", this::stop);
        peer.on("responder.start", this::respond);
        peer.on("responder.stop", this::stop);
    }

    /** name, group, nameServer */
    private static DefaultMQProducer producer(JSONObject arguments) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(arguments.getString("group"));
        producer.setNamesrvAddr(arguments.getString("nameServer"));
        producer.setInstanceName(arguments.getString("name"));
        producer.setVipChannelEnabled(false);
        Messages.hurry(producer);
        producer.start();
        return producer;
    }

    /** name, topic, body, timeout, callback: what the reply says, and who sent it. */
    private Object ask(JSONObject arguments) throws Exception {
        DefaultMQProducer producer = producers.get(arguments.getString("name"));
        Message request = new Message(arguments.getString("topic"), arguments.getString("body").getBytes(StandardCharsets.UTF_8));
        long timeout = arguments.getLongValue("timeout");
        Message reply = arguments.getBooleanValue("callback") ? askWithCallback(producer, request, timeout) : producer.request(request, timeout);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("body", new String(reply.getBody(), StandardCharsets.UTF_8));
        json.put("properties", reply.getProperties());
        json.put("topic", reply.getTopic());
        return json;
    }

    private static Message askWithCallback(DefaultMQProducer producer, Message request, long timeout) throws Exception {
        CompletableFuture<Message> future = new CompletableFuture<>();
        producer.request(request, new RequestCallback() {
            @Override
            public void onSuccess(Message reply) {
                // 5.3.3 calls this when the request was sent, too.
                if (reply != null) {
                    future.complete(reply);
                }
            }

            @Override
            public void onException(Throwable error) {
                future.completeExceptionally(error);
            }
        }, timeout);
        return future.get(timeout + 5_000, TimeUnit.MILLISECONDS);
    }

    /** name, group, nameServer, topic: replies to each message with its body and "!". */
    private Object respond(JSONObject arguments) throws Exception {
        String name = arguments.getString("name");
        DefaultMQProducer producer = producer(arguments);
        producers.put(name, producer);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(name + "-consumer");
        Messages.hurry(consumer);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(arguments.getString("topic"), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                try {
                    String body = new String(message.getBody(), StandardCharsets.UTF_8) + "!";
                    producer.send(MessageUtil.createReplyMessage(message, body.getBytes(StandardCharsets.UTF_8)), 5_000);
                } catch (Exception error) {
                    error.printStackTrace();
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        consumers.put(name, consumer);
        return null;
    }

    private Object stop(JSONObject arguments) {
        DefaultMQPushConsumer consumer = consumers.remove(arguments.getString("name"));
        if (consumer != null) {
            consumer.shutdown();
        }
        DefaultMQProducer producer = producers.remove(arguments.getString("name"));
        if (producer != null) {
            producer.shutdown();
        }
        return null;
    }
}
