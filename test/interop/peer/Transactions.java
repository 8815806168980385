import com.alibaba.fastjson.JSONObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/** transaction.start, transaction.send, transaction.checks, transaction.stop. What a message says of itself decides: its properties local and check. */
final class Transactions {
    private static final class Script implements TransactionListener {
        final List<Object> checks = new CopyOnWriteArrayList<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return stateOf(message.getProperty("local"));
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            Map<String, Object> check = new LinkedHashMap<>();
            check.put("topic", message.getTopic());
            check.put("keys", message.getKeys());
            check.put("queueId", message.getQueueId());
            check.put("times", Integer.parseInt(message.getProperty("TRANSACTION_CHECK_TIMES")));
            checks.add(check);
            return stateOf(message.getProperty("check"));
        }

        private static LocalTransactionState stateOf(String name) {
            switch (name == null ? "" : name) {
                case "COMMIT":
                    return LocalTransactionState.COMMIT_MESSAGE;
                case "ROLLBACK":
                    return LocalTransactionState.ROLLBACK_MESSAGE;
                default:
                    return LocalTransactionState.UNKNOW;
            }
        }
    }

    private final Map<String, TransactionMQProducer> producers = new ConcurrentHashMap<>();
    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    void register(Peer peer) {
        peer.on("transaction.start", this::start);
        peer.on("transaction.send", this::send);
        peer.on("transaction.checks", arguments -> scripts.get(arguments.getString("name")).checks);
        peer.on("transaction.stop", this::stop);
    }

    /** name, group, nameServer */
    private Object start(JSONObject arguments) throws Exception {
        String name = arguments.getString("name");
        TransactionMQProducer producer = new TransactionMQProducer(arguments.getString("group"));
        producer.setNamesrvAddr(arguments.getString("nameServer"));
        producer.setInstanceName(name);
        producer.setSendMsgTimeout(10_000);
        Script script = new Script();
        producer.setTransactionListener(script);
        scripts.put(name, script);
        producers.put(name, producer);
        producer.start();
        return null;
    }

    /** name, message */
    private Object send(JSONObject arguments) throws Exception {
        Message message = Messages.read(arguments.getJSONObject("message"));
        TransactionSendResult result = producers.get(arguments.getString("name")).sendMessageInTransaction(message, null);
        return Messages.write(result);
    }

    private Object stop(JSONObject arguments) {
        TransactionMQProducer producer = producers.remove(arguments.getString("name"));
        if (producer != null) {
            producer.shutdown();
        }
        return null;
    }
}
