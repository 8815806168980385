import com.alibaba.fastjson.JSONObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.MQPullConsumer;
import org.apache.rocketmq.client.consumer.MQPullConsumerScheduleService;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.common.message.MessageExt;

/** schedule.* drives MQPullConsumerScheduleService; each message is an event, as of a push consumer. */
@SuppressWarnings("deprecation")
final class PullSchedules {
    private final Peer peer;
    private final Map<String, MQPullConsumerScheduleService> services = new ConcurrentHashMap<>();

    PullSchedules(Peer peer) {
        this.peer = peer;
    }

    void register(Peer peer) {
        peer.on("schedule.start", this::start);
        peer.on("schedule.stop", this::stop);
    }

    /** name, group, nameServer, topic, delay: milliseconds between two tasks of a queue */
    private Object start(JSONObject arguments) throws Exception {
        String name = arguments.getString("name");
        MQPullConsumerScheduleService service = new MQPullConsumerScheduleService(arguments.getString("group"));
        service.getDefaultMQPullConsumer().setNamesrvAddr(arguments.getString("nameServer"));
        service.getDefaultMQPullConsumer().setInstanceName(name);
        service.getDefaultMQPullConsumer().setVipChannelEnabled(false);
        Messages.hurry(service.getDefaultMQPullConsumer());
        service.registerPullTaskCallback(arguments.getString("topic"), (queue, context) -> {
            MQPullConsumer consumer = context.getPullConsumer();
            try {
                long offset = Math.max(0, consumer.fetchConsumeOffset(queue, false));
                PullResult found = consumer.pull(queue, "*", offset, 32);
                if (found.getMsgFoundList() != null) {
                    for (MessageExt message : found.getMsgFoundList()) {
                        Map<String, Object> event = new LinkedHashMap<>();
                        event.put("event", "message");
                        event.put("consumer", name);
                        event.put("message", Messages.write(message, queue.getBrokerName()));
                        peer.emit(event);
                    }
                }
                consumer.updateConsumeOffset(queue, found.getNextBeginOffset());
                context.setPullNextDelayTimeMillis(arguments.getIntValue("delay"));
            } catch (Exception error) {
                throw new IllegalStateException(error);
            }
        });
        service.start();
        services.put(name, service);
        return null;
    }

    private Object stop(JSONObject arguments) {
        MQPullConsumerScheduleService service = services.remove(arguments.getString("name"));
        if (service != null) {
            service.shutdown();
        }
        return null;
    }
}
