import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import org.apache.rocketmq.client.consumer.AllocateMessageQueueStrategy;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMachineRoomNearby;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragelyByCircle;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByConfig;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueByMachineRoom;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueConsistentHash;
import org.apache.rocketmq.common.message.MessageQueue;

/**
 * Asks Apache's strategies: one case a line, {"strategy","queues","members","rooms","configured","inner"}; one answer a
 * line, [[member, [positions in queues]], ...] by sorted member. Both lists are sorted first, as a consumer does.
 */
public final class Allocations {
    private Allocations() {
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(JSON.toJSONString(answer(JSON.parseObject(line))));
        }
        out.flush();
    }

    private static List<Object> answer(JSONObject given) {
        List<MessageQueue> queues = new ArrayList<>();
        for (JSONObject queue : given.getJSONArray("queues").toJavaList(JSONObject.class)) {
            queues.add(new MessageQueue(queue.getString("topic"), queue.getString("brokerName"), queue.getIntValue("queueId")));
        }
        List<MessageQueue> sorted = new ArrayList<>(queues);
        Collections.sort(sorted);
        List<String> members = given.getJSONArray("members").toJavaList(String.class);
        Collections.sort(members);
        AllocateMessageQueueStrategy strategy = strategy(given.getString("strategy"), given, queues);
        List<Object> answer = new ArrayList<>();
        for (String member : members) {
            List<Integer> positions = new ArrayList<>();
            for (MessageQueue queue : strategy.allocate("group", member, sorted, members)) {
                positions.add(queues.indexOf(queue));
            }
            answer.add(List.of(member, positions));
        }
        return answer;
    }

    private static AllocateMessageQueueStrategy strategy(String name, JSONObject given, List<MessageQueue> queues) {
        switch (name) {
            case "AVG":
                return new AllocateMessageQueueAveragely();
            case "AVG_BY_CIRCLE":
                return new AllocateMessageQueueAveragelyByCircle();
            case "CONSISTENT_HASH":
                return new AllocateMessageQueueConsistentHash();
            case "CONFIG":
                List<MessageQueue> own = new ArrayList<>();
                given.getJSONArray("configured").toJavaList(Integer.class).forEach(position -> own.add(queues.get(position)));
                AllocateMessageQueueByConfig byConfig = new AllocateMessageQueueByConfig();
                byConfig.setMessageQueueList(own);
                return byConfig;
            case "MACHINE_ROOM":
                AllocateMessageQueueByMachineRoom byRoom = new AllocateMessageQueueByMachineRoom();
                byRoom.setConsumeridcs(new HashSet<>(given.getJSONArray("rooms").toJavaList(String.class)));
                return byRoom;
            case "MACHINE_ROOM_NEARBY":
                return new AllocateMachineRoomNearby(strategy(given.getString("inner"), given, queues), new PrefixResolver());
            default:
                throw new IllegalArgumentException("no such strategy: " + name);
        }
    }

    private static final class PrefixResolver implements AllocateMachineRoomNearby.MachineRoomResolver {
        @Override
        public String brokerDeployIn(MessageQueue queue) {
            return queue.getBrokerName().split("@")[0];
        }

        @Override
        public String consumerDeployIn(String clientId) {
            return clientId.split("-")[0];
        }
    }
}
