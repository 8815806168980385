import com.alibaba.fastjson.JSONObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages, queues and results as JSON values. */
final class Messages {
    private Messages() {
    }

    /**
     * Tells and asks every second instead of every 30: until then clients do not know a topic that was made meanwhile, a
     * retry topic above all, and brokers do not know what a client of 5.x subscribes to now.
     */
    static void hurry(ClientConfig client) {
        client.setHeartbeatBrokerInterval(1_000);
        client.setPollNameServerInterval(1_000);
    }

    static Message read(JSONObject json) {
        byte[] body = json.containsKey("bodyBase64")
            ? Base64.getDecoder().decode(json.getString("bodyBase64"))
            : json.getString("body").getBytes(StandardCharsets.UTF_8);
        Message message = new Message(json.getString("topic"), json.getString("tags"), json.getString("keys"), body);
        message.setFlag(json.getIntValue("flag"));
        if (json.containsKey("delayLevel")) {
            message.setDelayTimeLevel(json.getIntValue("delayLevel"));
        }
        timed(message, json, "delayTimeMs", "setDelayTimeMs");
        timed(message, json, "deliverTimeMs", "setDeliverTimeMs");
        message.setWaitStoreMsgOK(!Boolean.FALSE.equals(json.getBoolean("waitStoreMsgOK")));
        JSONObject properties = json.getJSONObject("properties");
        if (properties != null) {
            properties.forEach((name, value) -> message.putUserProperty(name, String.valueOf(value)));
        }
        return message;
    }

    /** Since 5.0. */
    private static void timed(Message message, JSONObject json, String key, String setter) {
        if (!json.containsKey(key)) {
            return;
        }
        try {
            Message.class.getMethod(setter, long.class).invoke(message, json.getLongValue(key));
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(setter, error);
        }
    }

    static Map<String, Object> write(MessageExt message, String brokerName) {
        Map<String, Object> json = new LinkedHashMap<>();
        byte[] body = message.getBody();
        json.put("topic", message.getTopic());
        json.put("brokerName", brokerName);
        json.put("queueId", message.getQueueId());
        json.put("queueOffset", message.getQueueOffset());
        json.put("physicalOffset", message.getCommitLogOffset());
        json.put("msgId", MessageClientIDSetter.getUniqID(message));
        json.put("tags", message.getTags());
        json.put("keys", message.getKeys());
        json.put("flag", message.getFlag());
        json.put("sysFlag", message.getSysFlag());
        json.put("storeSize", message.getStoreSize());
        json.put("properties", new TreeMap<>(message.getProperties()));
        json.put("bodyLength", body == null ? 0 : body.length);
        json.put("bodySha1", sha1(body == null ? new byte[0] : body));
        json.put("bornTimestamp", message.getBornTimestamp());
        json.put("storeTimestamp", message.getStoreTimestamp());
        json.put("reconsumeTimes", message.getReconsumeTimes());
        return json;
    }

    static Map<String, Object> write(SendResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("sendStatus", result.getSendStatus().name());
        json.put("msgId", result.getMsgId());
        json.put("offsetMsgId", result.getOffsetMsgId());
        json.put("queue", write(result.getMessageQueue()));
        json.put("queueOffset", result.getQueueOffset());
        json.put("regionId", result.getRegionId());
        try {
            json.put("recallHandle", SendResult.class.getMethod("getRecallHandle").invoke(result));
        } catch (ReflectiveOperationException before532) {
            // There is none.
        }
        return json;
    }

    static Map<String, Object> write(MessageQueue queue) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", queue.getTopic());
        json.put("brokerName", queue.getBrokerName());
        json.put("queueId", queue.getQueueId());
        return json;
    }

    static MessageQueue readQueue(JSONObject json) {
        return new MessageQueue(json.getString("topic"), json.getString("brokerName"), json.getIntValue("queueId"));
    }

    static String sha1(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(bytes);
            StringBuilder text = new StringBuilder(2 * digest.length);
            for (byte b : digest) {
                text.append(Character.forDigit((b >> 4) & 15, 16)).append(Character.forDigit(b & 15, 16));
            }
            return text.toString();
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
