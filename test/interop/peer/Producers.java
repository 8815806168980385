import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;

/** producer.start, producer.send, producer.flood, producer.queues, producer.recall, producer.stop */
final class Producers {
    private final Map<String, DefaultMQProducer> producers = new ConcurrentHashMap<>();

    void register(Peer peer) {
        peer.on("producer.start", this::start);
        peer.on("producer.send", this::send);
        peer.on("producer.flood", this::flood);
        peer.on("producer.queues", this::queues);
        peer.on("producer.recall", this::recall);
        peer.on("producer.stop", this::stop);
    }

    /** name, group, nameServer [, vipChannel, sendMsgTimeout, compressOver, compressType, defaultTopicQueueNums, traceTopic] */
    private Object start(JSONObject arguments) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(
            arguments.getString("group"), arguments.containsKey("traceTopic"), arguments.getString("traceTopic"));
        producer.setNamesrvAddr(arguments.getString("nameServer"));
        producer.setInstanceName(arguments.getString("name"));
        producer.setVipChannelEnabled(arguments.getBooleanValue("vipChannel"));
        Messages.hurry(producer);
        producer.setSendMsgTimeout(arguments.containsKey("sendMsgTimeout") ? arguments.getIntValue("sendMsgTimeout") : 10_000);
        if (arguments.containsKey("compressOver")) {
            producer.setCompressMsgBodyOverHowmuch(arguments.getIntValue("compressOver"));
        }
        if (arguments.containsKey("defaultTopicQueueNums")) {
            producer.setDefaultTopicQueueNums(arguments.getIntValue("defaultTopicQueueNums"));
        }
        if (arguments.containsKey("compressType")) {
            // Since 4.9.4.
            for (var method : DefaultMQProducer.class.getMethods()) {
                if (method.getName().equals("setCompressType")) {
                    method.invoke(producer, method.getParameterTypes()[0].getMethod("of", String.class).invoke(null, arguments.getString("compressType")));
                }
            }
        }
        producer.start();
        producers.put(arguments.getString("name"), producer);
        return producer.buildMQClientId();
    }

    /** name, mode = sync | async | oneway | ordered (with hashKey) | queue (with queue) | batch, messages: one result for each, one for a whole batch */
    private Object send(JSONObject arguments) throws Exception {
        DefaultMQProducer producer = producers.get(arguments.getString("name"));
        String mode = arguments.getString("mode");
        JSONArray specifications = arguments.getJSONArray("messages");
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < specifications.size(); i++) {
            messages.add(Messages.read(specifications.getJSONObject(i)));
        }
        if (mode.equals("batch")) {
            return Collections.singletonList(Messages.write(producer.send(messages)));
        }
        List<CompletableFuture<SendResult>> pending = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            pending.add(sendOne(producer, mode, messages.get(i), specifications.getJSONObject(i)));
        }
        List<Object> results = new ArrayList<>();
        for (CompletableFuture<SendResult> future : pending) {
            SendResult result = future.get(30, TimeUnit.SECONDS);
            results.add(result == null ? null : Messages.write(result));
        }
        return results;
    }

    private static CompletableFuture<SendResult> sendOne(DefaultMQProducer producer, String mode, Message message, JSONObject specification)
        throws Exception {
        switch (mode) {
            case "sync":
                return CompletableFuture.completedFuture(producer.send(message));
            case "ordered":
                return CompletableFuture.completedFuture(
                    producer.send(message, new SelectMessageQueueByHash(), specification.getString("hashKey")));
            case "queue":
                return CompletableFuture.completedFuture(
                    producer.send(message, Messages.readQueue(specification.getJSONObject("queue"))));
            case "oneway":
                producer.sendOneway(message);
                return CompletableFuture.completedFuture(null);
            case "async":
                CompletableFuture<SendResult> future = new CompletableFuture<>();
                producer.send(message, callback(future));
                return future;
            default:
                throw new IllegalArgumentException("no such mode: " + mode);
        }
    }

    private static SendCallback callback(CompletableFuture<SendResult> future) {
        return new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
                future.complete(result);
            }

            @Override
            public void onException(Throwable error) {
                future.completeExceptionally(error);
            }
        };
    }

    /** name, topic, prefix, count, size, inFlight: bodies "prefix-i" padded with '.', keys "prefix-i". Answers [[queueId, queueOffset, msgId], ...] by i. */
    private Object flood(JSONObject arguments) throws Exception {
        DefaultMQProducer producer = producers.get(arguments.getString("name"));
        int count = arguments.getIntValue("count");
        Semaphore slots = new Semaphore(arguments.getIntValue("inFlight"));
        Object[] results = new Object[count];
        AtomicInteger failures = new AtomicInteger();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String key = arguments.getString("prefix") + "-" + i;
            Message message = new Message(arguments.getString("topic"), arguments.getString("tags"), key, padded(key, arguments.getIntValue("size")));
            slots.acquire();
            int index = i;
            CompletableFuture<SendResult> future = new CompletableFuture<>();
            pending.add(future.handle((result, error) -> {
                slots.release();
                if (error == null) {
                    results[index] = new Object[] {result.getMessageQueue().getQueueId(), result.getQueueOffset(), result.getMsgId()};
                } else {
                    failures.incrementAndGet();
                }
                return null;
            }));
            producer.send(message, callback(future));
        }
        for (CompletableFuture<?> future : pending) {
            future.get(60, TimeUnit.SECONDS);
        }
        if (failures.get() > 0) {
            throw new IllegalStateException(failures.get() + " of " + count + " sends failed");
        }
        return results;
    }

    private static byte[] padded(String text, int size) {
        StringBuilder body = new StringBuilder(text);
        while (body.length() < size) {
            body.append('.');
        }
        return body.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private Object queues(JSONObject arguments) throws Exception {
        List<Object> queues = new ArrayList<>();
        producers.get(arguments.getString("name")).fetchPublishMessageQueues(arguments.getString("topic"))
            .forEach(queue -> queues.add(Messages.write(queue)));
        return queues;
    }

    /** name, topic, recallHandle. Since 5.3.2. */
    private Object recall(JSONObject arguments) throws Exception {
        return DefaultMQProducer.class.getMethod("recallMessage", String.class, String.class).invoke(
            producers.get(arguments.getString("name")), arguments.getString("topic"), arguments.getString("recallHandle"));
    }

    private Object stop(JSONObject arguments) {
        DefaultMQProducer producer = producers.remove(arguments.getString("name"));
        if (producer != null) {
            producer.shutdown();
        }
        return null;
    }
}
