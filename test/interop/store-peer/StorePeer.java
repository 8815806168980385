import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.common.BrokerConfig;
import org.apache.rocketmq.common.message.*;
import org.apache.rocketmq.common.sysflag.MessageSysFlag;
import org.apache.rocketmq.store.*;
import org.apache.rocketmq.store.config.MessageStoreConfig;
import org.apache.rocketmq.store.stats.BrokerStatsManager;

/**
 * Apache's message store without a broker around it. What is said of a DIRECTORY can be said of further ones, each after
 * a --: most of its time a store waits for its own end.
 *
 * write DIRECTORY [ext] [crc] [halt]: one record of each kind, many times over. halt: ends without closing any store.
 * read DIRECTORY [ext] [crc] [KEY...]: prints "store DIRECTORY", every message of every queue, one line each, what the
 * index finds for each TOPIC#KEY, and where the next message goes.
 */
public class StorePeer {
    private static final int ROUNDS = 12;

    public static void main(String[] args) {
        try {
            run(args);
            System.out.println("done");
            System.exit(0);
        } catch (Throwable error) {
            // The store's threads would keep the process alive.
            error.printStackTrace();
            System.exit(1);
        }
    }

    private static void run(String[] args) throws Exception {
        boolean halts = false;
        List<DefaultMessageStore> stores = new ArrayList<>();
        for (List<String> words : storesIn(Arrays.asList(args).subList(1, args.length))) {
            boolean ext = words.remove("ext");
            boolean crc = words.remove("crc");
            halts |= words.remove("halt");
            DefaultMessageStore store = open(words.get(0), ext, crc);
            stores.add(store);
            if (args[0].equals("write")) {
                write(store);
                settle(store);
            } else {
                settle(store);
                read(store, words.get(0), words.subList(1, words.size()));
            }
        }
        if (halts) Runtime.getRuntime().halt(0);
        shutdown(stores);
    }

    private static List<List<String>> storesIn(List<String> args) {
        List<List<String>> stores = new ArrayList<>();
        stores.add(new ArrayList<>());
        for (String word : args) {
            if (word.equals("--")) stores.add(new ArrayList<>());
            else stores.get(stores.size() - 1).add(word);
        }
        return stores;
    }

    /** Side by side: each takes seconds. */
    private static void shutdown(List<DefaultMessageStore> stores) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (DefaultMessageStore store : stores) threads.add(new Thread(store::shutdown));
        for (Thread thread : threads) thread.start();
        for (Thread thread : threads) thread.join();
    }

    private static DefaultMessageStore open(String directory, boolean ext, boolean crc) throws Exception {
        MessageStoreConfig config = new MessageStoreConfig();
        config.setStorePathRootDir(directory);
        config.setStorePathCommitLog(directory + "/commitlog");
        config.setMappedFileSizeCommitLog(16 * 1024);
        config.setMappedFileSizeConsumeQueue(20 * 20);
        config.setMappedFileSizeConsumeQueueExt(1024);
        config.setMaxHashSlotNum(20);
        config.setMaxIndexNum(100);
        config.setHaListenPort(0);
        config.setDiskMaxUsedSpaceRatio(95);
        config.setEnableConsumeQueueExt(ext);
        if (crc) MessageStoreConfig.class.getMethod("setEnabledAppendPropCRC", boolean.class).invoke(config, true);
        BrokerConfig broker = new BrokerConfig();
        BrokerStatsManager stats = new BrokerStatsManager("cluster", true);
        MessageArrivingListener nobody = (topic, queue, offset, tags, time, bits, properties) -> { };
        Constructor<?> constructor = DefaultMessageStore.class.getConstructors()[0];
        Object[] parts = {config, stats, nobody, broker, new ConcurrentHashMap<>()};
        DefaultMessageStore store =
            (DefaultMessageStore) constructor.newInstance(Arrays.copyOf(parts, constructor.getParameterCount()));
        if (!store.load()) throw new IllegalStateException("the store does not load");
        store.start();
        deliverNothing(store);
        return store;
    }

    /** In 4.9 a store delivers delayed messages itself, from its first second on: more of them the later it is read. */
    private static void deliverNothing(DefaultMessageStore store) throws Exception {
        for (Method method : DefaultMessageStore.class.getMethods()) {
            if (method.getName().equals("getScheduleMessageService")) {
                Object deliveries = method.invoke(store);
                deliveries.getClass().getMethod("shutdown").invoke(deliveries);
            }
        }
    }

    /** Waits until queues and index have everything. */
    private static void settle(DefaultMessageStore store) throws Exception {
        while (store.dispatchBehindBytes() > 0) Thread.sleep(10);
        Thread.sleep(100);
    }

    private static void write(DefaultMessageStore store) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            put(store, message("Normal", round % 3, "plain " + round, round));
            MessageExtBrokerInner keyed = message("Normal", round % 3, "keyed " + round, round);
            keyed.setKeys("key-" + round + " shared");
            keyed.setTags(round % 2 == 0 ? "even" : "odd");
            keyed.putUserProperty("colour", "blau \u00fc");
            keyed.setFlag(7);
            put(store, keyed);
            MessageExtBrokerInner compressed = message("Normal", 0, "not really compressed " + round, round);
            compressed.setSysFlag(MessageSysFlag.COMPRESSED_FLAG);
            put(store, compressed);
            MessageExtBrokerInner empty = message("Normal", 1, "", round);
            put(store, empty);
            MessageExtBrokerInner v6 = message("Hosts", 0, "from far away " + round, round);
            v6.setBornHost(host("2001:db8::42", 4321));
            v6.setBornHostV6Flag();
            if (round % 2 == 0) {
                v6.setStoreHost(host("2001:db8::1", 10911));
                v6.setStoreHostAddressV6Flag();
            }
            put(store, v6);
            MessageExtBrokerInner delayed = message("SCHEDULE_TOPIC_XXXX", 2, "later " + round, round);
            MessageAccessor.putProperty(delayed, MessageConst.PROPERTY_REAL_TOPIC, "Normal");
            MessageAccessor.putProperty(delayed, MessageConst.PROPERTY_REAL_QUEUE_ID, "1");
            MessageAccessor.putProperty(delayed, MessageConst.PROPERTY_DELAY_TIME_LEVEL, "3");
            put(store, delayed);
            MessageExtBrokerInner half = message("RMQ_SYS_TRANS_HALF_TOPIC", 0, "half " + round, round);
            MessageAccessor.putProperty(half, MessageConst.PROPERTY_REAL_TOPIC, "Normal");
            MessageAccessor.putProperty(half, MessageConst.PROPERTY_REAL_QUEUE_ID, "1");
            MessageAccessor.putProperty(half, MessageConst.PROPERTY_TRANSACTION_PREPARED, "true");
            MessageAccessor.putProperty(half, MessageConst.PROPERTY_PRODUCER_GROUP, "producers");
            put(store, half);
            MessageExtBrokerInner prepared = message("Normal", 2, "prepared " + round, round);
            prepared.setSysFlag(MessageSysFlag.TRANSACTION_PREPARED_TYPE);
            put(store, prepared);
            MessageExtBrokerInner committed = message("Normal", 2, "committed " + round, round);
            committed.setSysFlag(MessageSysFlag.TRANSACTION_COMMIT_TYPE);
            committed.setPreparedTransactionOffset(4711);
            put(store, committed);
            MessageExtBrokerInner rolledBack = message("Normal", 2, "rolled back " + round, round);
            rolledBack.setSysFlag(MessageSysFlag.TRANSACTION_ROLLBACK_TYPE);
            put(store, rolledBack);
            MessageExtBrokerInner retried = message("%RETRY%group", 0, "again " + round, round);
            retried.setReconsumeTimes(round);
            MessageAccessor.putProperty(retried, MessageConst.PROPERTY_RETRY_TOPIC, "Normal");
            put(store, retried);
            batch(store, round);
        }
    }

    private static MessageExtBrokerInner message(String topic, int queueId, String body, int round) throws Exception {
        MessageExtBrokerInner message = new MessageExtBrokerInner();
        message.setTopic(topic);
        message.setQueueId(queueId);
        message.setBody(body.getBytes(StandardCharsets.UTF_8));
        message.setBornTimestamp(1_700_000_000_000L + round);
        message.setBornHost(host("10.0.0.7", 4321));
        message.setStoreHost(host("127.0.0.1", 10911));
        MessageAccessor.putProperty(message, MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX,
            String.format("%032X", (topic + body).hashCode() & 0xffffffffL));
        return message;
    }

    private static InetSocketAddress host(String ip, int port) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(ip), port);
    }

    /** As a broker does it: properties become text, the tag its code. */
    private static void put(DefaultMessageStore store, MessageExtBrokerInner message) {
        message.setPropertiesString(MessageDecoder.messageProperties2String(message.getProperties()));
        message.setTagsCode(message.getTags() == null ? 0 : message.getTags().hashCode());
        PutMessageResult result = store.putMessage(message);
        if (!result.isOk()) throw new IllegalStateException(message.getTopic() + ": " + result);
    }

    private static void batch(DefaultMessageStore store, int round) throws Exception {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Message message = new Message("Batch", "tag" + i, "batch-" + round + "-" + i,
                ("batched " + round + "." + i).getBytes(StandardCharsets.UTF_8));
            messages.add(message);
        }
        MessageExtBatch batch = new MessageExtBatch();
        batch.setTopic("Batch");
        batch.setQueueId(0);
        batch.setBornTimestamp(1_700_000_000_000L + round);
        batch.setBornHost(host("10.0.0.7", 4321));
        batch.setStoreHost(host("127.0.0.1", 10911));
        batch.setBody(MessageDecoder.encodeMessages(messages));
        PutMessageResult result = store.putMessages(batch);
        if (!result.isOk()) throw new IllegalStateException("batch: " + result);
    }

    private static void read(DefaultMessageStore store, String directory, List<String> keys) throws Exception {
        System.out.println("store " + directory);
        for (String topic : names(new File(directory, "consumequeue")))
            for (String queue : names(new File(directory, "consumequeue/" + topic)))
                readQueue(store, topic, Integer.parseInt(queue));
        for (String each : keys) {
            int end = each.indexOf('#');
            QueryMessageResult found = store.queryMessage(
                each.substring(0, end), each.substring(end + 1), 64, 0, Long.MAX_VALUE);
            StringBuilder line = new StringBuilder("key ").append(each);
            for (ByteBuffer bytes : found.getMessageBufferList())
                line.append(' ').append(MessageDecoder.decode(bytes).getCommitLogOffset());
            System.out.println(line);
        }
        MessageExtBrokerInner next = message("Normal", 0, "the next one", 0);
        next.setPropertiesString(MessageDecoder.messageProperties2String(next.getProperties()));
        PutMessageResult result = store.putMessage(next);
        System.out.println("next " + result.getAppendMessageResult().getLogicsOffset() + " "
            + result.getAppendMessageResult().getWroteOffset());
        settle(store);
    }

    private static void readQueue(DefaultMessageStore store, String topic, int queueId) throws Exception {
        long offset = store.getMinOffsetInQueue(topic, queueId);
        long end = store.getMaxOffsetInQueue(topic, queueId);
        System.out.println("queue " + topic + " " + queueId + " " + offset + " " + end);
        while (offset < end) {
            GetMessageResult got = store.getMessage("group", topic, queueId, offset, 8, null);
            for (ByteBuffer bytes : got.getMessageBufferList()) print(MessageDecoder.decode(bytes, true, false));
            if (got.getNextBeginOffset() <= offset) throw new IllegalStateException(topic + ": " + got);
            offset = got.getNextBeginOffset();
            got.release();
        }
    }

    private static void print(MessageExt message) throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-1").digest(message.getBody() == null ? new byte[0] : message.getBody());
        System.out.println("message " + message.getTopic() + " " + message.getQueueId() + " " + message.getQueueOffset()
            + " " + message.getCommitLogOffset() + " " + message.getStoreSize() + " " + hex(digest)
            + " " + hex(((InetSocketAddress) message.getBornHost()).getAddress().getAddress()) + " " + message.getReconsumeTimes() + " " + message.getSysFlag()
            + " " + message.getTags() + " " + message.getKeys());
    }

    private static String hex(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (byte b : bytes) text.append(String.format("%02x", b));
        return text.toString();
    }

    private static String[] names(File directory) {
        String[] names = directory.list();
        if (names == null) return new String[0];
        Arrays.sort(names);
        return names;
    }
}
