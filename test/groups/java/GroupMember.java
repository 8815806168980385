import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMachineRoomNearby;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByConfig;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByMachineRoom;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * One member of a consumer group in a JVM of its own, so that it can be killed. Argument: one JSON text with nameServer,
 * group, topic, instanceName, mode, strategy, and for CONFIG broker and queues. Prints one JSON array a line: ["started"], ["at", time, queueId,
 * queueOffset, key] before each message is done, ["queues", ids] when those change. Ends after a line on its input.
 */
final class GroupMember {
    private static final Object OUT = new Object();

    public static void main(String[] arguments) throws Exception {
        JSONObject options = JSON.parseObject(arguments[0]);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(options.getString("group"));
        consumer.setNamesrvAddr(options.getString("nameServer"));
        consumer.setInstanceName(options.getString("instanceName"));
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setConsumeThreadMin(4);
        consumer.setConsumeThreadMax(4);
        consumer.setAllocateMessageQueueStrategy(strategy(options));
        consumer.subscribe(options.getString("topic"), "*");
        if ("ORDERLY".equals(options.getString("mode"))) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(GroupMember::print);
                return ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(GroupMember::print);
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        consumer.start();
        print(List.of("started"));
        Thread watcher = new Thread(() -> watch(consumer, options.getString("topic")), "watcher");
        watcher.setDaemon(true);
        watcher.start();
        new BufferedReader(new InputStreamReader(System.in)).readLine();
        consumer.shutdown();
        System.exit(0);
    }

    private static void watch(DefaultMQPushConsumer consumer, String topic) {
        List<Integer> before = null;
        try {
            while (true) {
                List<Integer> held = consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable()
                    .keySet().stream().filter(queue -> queue.getTopic().equals(topic)).map(MessageQueue::getQueueId)
                    .sorted().collect(Collectors.toList());
                if (!held.equals(before)) {
                    print(List.of("queues", held));
                }
                before = held;
                Thread.sleep(100);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private static AllocateMessageQueueStrategy strategy(JSONObject options) {
        switch (options.getString("strategy")) {
            case "AVG":
                return new AllocateMessageQueueAveragely();
            case "AVG_BY_CIRCLE":
                return new AllocateMessageQueueAveragelyByCircle();
            case "CONSISTENT_HASH":
                return new AllocateMessageQueueConsistentHash();
            case "MACHINE_ROOM_NEARBY":
                return new AllocateMachineRoomNearby(new AllocateMessageQueueAveragely(), new Rooms());
            case "MACHINE_ROOM":
                AllocateMessageQueueByMachineRoom room = new AllocateMessageQueueByMachineRoom();
                room.setConsumeridcs(Set.of("east"));
                return room;
            case "CONFIG":
                AllocateMessageQueueByConfig config = new AllocateMessageQueueByConfig();
                config.setMessageQueueList(options.getJSONArray("queues").stream()
                    .map(id -> new MessageQueue(options.getString("topic"), options.getString("broker"), (Integer) id))
                    .collect(Collectors.toList()));
                return config;
            default:
                throw new IllegalArgumentException(options.getString("strategy"));
        }
    }

    /** All brokers are in the east; so are the members whose instance name says so. */
    private static final class Rooms implements AllocateMachineRoomNearby.MachineRoomResolver {
        @Override
        public String brokerDeployIn(MessageQueue queue) {
            return "east";
        }

        @Override
        public String consumerDeployIn(String clientId) {
            return clientId.contains("east") ? "east" : "west";
        }
    }

    private static void print(MessageExt message) {
        print(List.of("at", System.currentTimeMillis(), message.getQueueId(), message.getQueueOffset(), message.getKeys()));
    }

    private static void print(List<Object> line) {
        synchronized (OUT) {
            System.out.println(new JSONArray(line).toJSONString());
            System.out.flush();
        }
    }
}
