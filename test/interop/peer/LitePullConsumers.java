import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** lite.* drives DefaultLitePullConsumer. */
final class LitePullConsumers {
    private final Map<String, DefaultLitePullConsumer> consumers = new ConcurrentHashMap<>();

    void register(Peer peer) {
        peer.on("lite.start", this::start);
        peer.on("lite.assign", arguments -> {
            consumer(arguments).assign(queues(arguments.getJSONArray("queues")));
            return null;
        });
        peer.on("lite.poll", this::poll);
        peer.on("lite.seek", this::seek);
        peer.on("lite.commit", arguments -> {
            consumer(arguments).commitSync();
            return null;
        });
        peer.on("lite.committed", arguments -> consumer(arguments).committed(queue(arguments)));
        peer.on("lite.stop", this::stop);
    }

    /** name, group, nameServer, and topic with expression or assign: [queues] */
    private Object start(JSONObject arguments) throws Exception {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(arguments.getString("name"));
        consumer.setVipChannelEnabled(false);
        Messages.hurry(consumer);
        consumer.setAutoCommit(false);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        if (arguments.containsKey("assign")) {
            consumer.assign(queues(arguments.getJSONArray("assign")));
        } else {
            consumer.subscribe(arguments.getString("topic"), arguments.getString("expression"));
        }
        consumer.start();
        consumers.put(arguments.getString("name"), consumer);
        return null;
    }

    private Object poll(JSONObject arguments) {
        List<Object> messages = new ArrayList<>();
        for (MessageExt message : consumer(arguments).poll(arguments.getLongValue("timeout"))) {
            messages.add(Messages.write(message, message.getBrokerName()));
        }
        return messages;
    }

    /** queue, and where = begin | end, or offset */
    private Object seek(JSONObject arguments) throws Exception {
        DefaultLitePullConsumer consumer = consumer(arguments);
        if ("begin".equals(arguments.getString("where"))) {
            consumer.seekToBegin(queue(arguments));
        } else if ("end".equals(arguments.getString("where"))) {
            consumer.seekToEnd(queue(arguments));
        } else {
            consumer.seek(queue(arguments), arguments.getLongValue("offset"));
        }
        return null;
    }

    private Object stop(JSONObject arguments) {
        DefaultLitePullConsumer consumer = consumers.remove(arguments.getString("name"));
        if (consumer != null) {
            consumer.shutdown();
        }
        return null;
    }

    private DefaultLitePullConsumer consumer(JSONObject arguments) {
        return consumers.get(arguments.getString("name"));
    }

    private static MessageQueue queue(JSONObject arguments) {
        return Messages.readQueue(arguments.getJSONObject("queue"));
    }

    private static List<MessageQueue> queues(JSONArray json) {
        List<MessageQueue> queues = new ArrayList<>();
        for (int i = 0; i < json.size(); i++) {
            queues.add(Messages.readQueue(json.getJSONObject(i)));
        }
        return queues;
    }
}
