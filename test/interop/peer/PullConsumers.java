import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** pull.* drives DefaultMQPullConsumer. */
@SuppressWarnings("deprecation")
final class PullConsumers {
    private final Map<String, DefaultMQPullConsumer> consumers = new ConcurrentHashMap<>();

    void register(Peer peer) {
        peer.on("pull.start", this::start);
        peer.on("pull.queues", this::queues);
        peer.on("pull.pull", this::pull);
        peer.on("pull.offset", arguments ->
            consumer(arguments).fetchConsumeOffset(queue(arguments), arguments.getBooleanValue("fromStore")));
        peer.on("pull.commit", this::commit);
        peer.on("pull.stop", this::stop);
    }

    private Object start(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(arguments.getString("name"));
        consumer.setVipChannelEnabled(false);
        Messages.hurry(consumer);
        consumer.start();
        consumers.put(arguments.getString("name"), consumer);
        return consumer.buildMQClientId();
    }

    private Object queues(JSONObject arguments) throws Exception {
        List<Object> queues = new ArrayList<>();
        consumer(arguments).fetchSubscribeMessageQueues(arguments.getString("topic")).forEach(queue -> queues.add(Messages.write(queue)));
        return queues;
    }

    /** name, queue, offset, maxNums, expression [, block: parks at the broker] */
    private Object pull(JSONObject arguments) throws Exception {
        MessageQueue queue = queue(arguments);
        String expression = arguments.getString("expression");
        long offset = arguments.getLongValue("offset");
        int count = arguments.getIntValue("maxNums");
        PullResult found = arguments.getBooleanValue("block")
            ? consumer(arguments).pullBlockIfNotFound(queue, expression, offset, count)
            : consumer(arguments).pull(queue, expression, offset, count);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("status", found.getPullStatus().name());
        json.put("nextBeginOffset", found.getNextBeginOffset());
        json.put("minOffset", found.getMinOffset());
        json.put("maxOffset", found.getMaxOffset());
        List<Object> messages = new ArrayList<>();
        if (found.getMsgFoundList() != null) {
            for (MessageExt message : found.getMsgFoundList()) {
                messages.add(Messages.write(message, queue.getBrokerName()));
            }
        }
        json.put("messages", messages);
        return json;
    }

    private Object commit(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = consumer(arguments);
        consumer.updateConsumeOffset(queue(arguments), arguments.getLongValue("offset"));
        consumer.getDefaultMQPullConsumerImpl().getOffsetStore().persist(queue(arguments));
        return null;
    }

    private Object stop(JSONObject arguments) {
        DefaultMQPullConsumer consumer = consumers.remove(arguments.getString("name"));
        if (consumer != null) {
            consumer.shutdown();
        }
        return null;
    }

    private DefaultMQPullConsumer consumer(JSONObject arguments) {
        return consumers.get(arguments.getString("name"));
    }

    private static MessageQueue queue(JSONObject arguments) {
        return Messages.readQueue(arguments.getJSONObject("queue"));
    }
}
