import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageClientIDSetter;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.annotation.CFNotNull;
import org.apache.rocketmq.remoting.protocol.LanguageCode;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.SerializeType;

/**
 * Records what Apache's own encoders write for sample values, as JSON lines. Runs against 4.9 and 5.x alike: classes
 * that moved between them are looked up by simple name. Cases come on standard input, one a line:
 *   request NAME CODE HEADER_CLASS | reply NAME CODE HEADER_CLASS | body CLASS
 * A class that does not exist in the version at hand gives a line with "missing".
 */
public class Recorder {
    private static final String[] PACKAGES = {
        "org.apache.rocketmq.common.protocol.header.", "org.apache.rocketmq.common.protocol.header.namesrv.",
        "org.apache.rocketmq.common.protocol.header.filtersrv.",
        "org.apache.rocketmq.remoting.protocol.header.", "org.apache.rocketmq.remoting.protocol.header.namesrv.",
        "org.apache.rocketmq.common.protocol.body.", "org.apache.rocketmq.common.protocol.route.",
        "org.apache.rocketmq.common.protocol.heartbeat.", "org.apache.rocketmq.common.admin.",
        "org.apache.rocketmq.common.subscription.", "org.apache.rocketmq.common.",
        "org.apache.rocketmq.remoting.protocol.body.", "org.apache.rocketmq.remoting.protocol.route.",
        "org.apache.rocketmq.remoting.protocol.heartbeat.", "org.apache.rocketmq.remoting.protocol.admin.",
        "org.apache.rocketmq.remoting.protocol.subscription.", "org.apache.rocketmq.remoting.protocol.statictopic.",
        "org.apache.rocketmq.remoting.protocol.",
    };
    /** Everything a JSON writer may treat in its own way. */
    private static final String ODD_TEXT = " \"\\/\u0001\u0002\b\f\n\r\t\u007f\u0080\u00e9\u2028\u6f22\ud83d\ude00";
    /** Written by the routing layer of 5.x, of no meaning to a plain peer. */
    private static final List<String> SKIPPED = Arrays.asList("ns", "nsd", "oway", "lo");

    /** Appended to every text. */
    private String oddText = ODD_TEXT;

    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    public static void main(String[] args) throws Exception {
        Recorder recorder = new Recorder();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.trim().split(" ");
            if (words[0].equals("body")) recorder.body(words[1]);
            else if (words.length == 4) recorder.header(words[0], words[1], Integer.parseInt(words[2]), words[3]);
        }
        recorder.requestCodes();
        recorder.messages();
        recorder.texts();
    }

    private void print(Object... pairs) {
        Map<String, Object> line = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) line.put((String) pairs[i], pairs[i + 1]);
        out.println(JSON.toJSONString(line, SerializerFeature.MapSortField, SerializerFeature.DisableCircularReferenceDetect));
    }

    private static Class<?> find(String simpleName) {
        for (String prefix : PACKAGES) {
            try {
                return Class.forName(prefix + simpleName);
            } catch (ClassNotFoundException e) {
                // in one of the other packages, or not in this version
            }
        }
        return null;
    }

    private void requestCodes() throws Exception {
        Map<String, Object> codes = new TreeMap<>();
        for (String name : new String[] {"org.apache.rocketmq.common.protocol.RequestCode", "org.apache.rocketmq.remoting.protocol.RequestCode"}) {
            try {
                for (Field field : Class.forName(name).getDeclaredFields()) codes.put(field.getName(), field.get(null));
            } catch (ClassNotFoundException e) {
                // the other one
            }
        }
        print("kind", "codes", "codes", codes);
    }

    // ---- headers

    private void header(String direction, String name, int code, String className) throws Exception {
        Class<?> type = className.equals("-") ? null : find(className);
        if (!className.equals("-") && type == null) {
            print("kind", direction, "name", name, "missing", className);
            return;
        }
        for (String variant : type == null ? new String[] {"full"} : new String[] {"full", "sparse"}) {
            for (SerializeType serializer : SerializeType.values()) {
                Map<String, Object> values = new TreeMap<>();
                RemotingCommand command = command(direction, code, type, variant, values);
                command.setSerializeTypeCurrentRPC(serializer);
                ByteBuffer frame = command.encode();
                byte[] bytes = new byte[frame.remaining()];
                frame.get(bytes);
                print("kind", direction, "name", name, "class", className, "variant", variant,
                    "serializer", serializer.name(), "fields", values, "frame", Base64.getEncoder().encodeToString(bytes));
            }
        }
    }

    private RemotingCommand command(String direction, int code, Class<?> type, String variant,
        Map<String, Object> values) throws Exception {
        RemotingCommand command;
        if (direction.equals("request")) {
            CommandCustomHeader header = type == null ? null : (CommandCustomHeader) type.getDeclaredConstructor().newInstance();
            if (header != null) fill(header, variant, values);
            command = RemotingCommand.createRequestCommand(code, header);
        } else {
            @SuppressWarnings("unchecked")
            Class<? extends CommandCustomHeader> headerType = (Class<? extends CommandCustomHeader>) type;
            command = RemotingCommand.createResponseCommand(headerType);
            fill(command.readCustomHeader(), variant, values);
            command.setCode(0);
            command.setRemark(variant.equals("full") ? "remark" + ODD_TEXT : null);
        }
        command.setOpaque(-77);
        command.setVersion(407);
        command.setLanguage(LanguageCode.JAVA);
        command.setBody("body".getBytes(StandardCharsets.UTF_8));
        return command;
    }

    private void fill(CommandCustomHeader header, String variant, Map<String, Object> values) throws Exception {
        for (Class<?> type = header.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || SKIPPED.contains(field.getName())) continue;
                field.setAccessible(true);
                boolean wanted = variant.equals("full") || field.isAnnotationPresent(CFNotNull.class);
                if (wanted) field.set(header, sample(field.getName(), field.getType(), field.getGenericType(), 0));
                Object value = field.get(header);
                if (value != null) values.put(field.getName(), value instanceof Enum ? value.toString() : value);
            }
        }
    }

    // ---- bodies

    private void body(String className) throws Exception {
        Class<?> type = find(className);
        if (type == null) {
            print("kind", "body", "class", className, "missing", className);
            return;
        }
        Object bean = sample("", type, type, 0);
        print("kind", "body", "class", className,
            "compact", RemotingSerializable.toJson(bean, false),
            "pretty", RemotingSerializable.toJson(bean, true),
            "standard", JSON.toJSONString(bean, SerializerFeature.BrowserCompatible, SerializerFeature.QuoteFieldNames,
                SerializerFeature.SkipTransientField, SerializerFeature.MapSortField));
        if (className.equals("RegisterBrokerBody")) {
            // Words of this form are parted by blanks: there can be none in them.
            oddText = "";
            Object plain = sample("", type, type, 0);
            oddText = ODD_TEXT;
            byte[] compressed = (byte[]) type.getMethod("encode", boolean.class).invoke(plain, true);
            print("kind", "compressed", "class", className, "compact", RemotingSerializable.toJson(plain, false),
                "bytes", Base64.getEncoder().encodeToString(compressed), "crc", UtilAll.crc32(compressed));
        }
    }

    /** A value that follows from name and type alone. Maps and sets get one entry, so that their order cannot vary. */
    private Object sample(String name, Class<?> type, Type generic, int depth) throws Exception {
        int number = Math.floorMod(name.hashCode(), 30000) + 1;
        if (type == String.class) return name + oddText;
        if (type == int.class || type == Integer.class) return number;
        if (type == long.class || type == Long.class) return 1_700_000_000_000L + number;
        if (type == boolean.class || type == Boolean.class) return true;
        if (type == double.class || type == Double.class) return number / 8.0;
        if (type == AtomicLong.class) return new AtomicLong(number);
        if (type.isEnum()) return type.getEnumConstants()[type.getEnumConstants().length - 1];
        if (type == Properties.class) {
            Properties properties = new Properties();
            properties.setProperty(name + ".key", name + oddText);
            return properties;
        }
        if (type.isArray()) return new long[] {1, number};
        if (Map.class.isAssignableFrom(type)) return sampleMap(name, type, (ParameterizedType) generic, depth);
        if (Collection.class.isAssignableFrom(type)) return sampleCollection(name, type, (ParameterizedType) generic, depth);
        return sampleBean(type, depth);
    }

    private Object sampleMap(String name, Class<?> type, ParameterizedType generic, int depth) throws Exception {
        Map<Object, Object> map = type == ConcurrentMap.class ? new ConcurrentHashMap<>()
            : TreeMap.class == type ? new TreeMap<>() : new HashMap<>();
        Type[] arguments = generic.getActualTypeArguments();
        Object key = element(name + "Key", arguments[0], depth);
        Object value = element(name + "Value", arguments[1], depth);
        map.put(key, value);
        return map;
    }

    private Object sampleCollection(String name, Class<?> type, ParameterizedType generic, int depth) throws Exception {
        Object item = element(name, generic.getActualTypeArguments()[0], depth);
        if (TreeSet.class == type) return new TreeSet<>(Arrays.asList(item));
        if (Set.class.isAssignableFrom(type)) return new java.util.HashSet<>(Arrays.asList(item));
        return new ArrayList<>(Arrays.asList(item, element(name + "2", generic.getActualTypeArguments()[0], depth)));
    }

    private Object element(String name, Type type, int depth) throws Exception {
        Class<?> raw = (Class<?>) (type instanceof ParameterizedType ? ((ParameterizedType) type).getRawType() : type);
        return sample(name, raw, type, depth + 1);
    }

    private Object sampleBean(Class<?> type, int depth) throws Exception {
        if (depth > 6) return null;
        Object bean = instance(type, depth);
        for (Class<?> level = type; level != Object.class; level = level.getSuperclass()) {
            for (Field field : level.getDeclaredFields()) {
                if (Modifier.isStatic(field.getModifiers()) || field.getType() == Random.class) continue;
                if (field.getType().getName().endsWith("Lock") || field.getName().startsWith("this")) continue;
                field.setAccessible(true);
                field.set(bean, sample(field.getName(), field.getType(), field.getGenericType(), depth + 1));
            }
        }
        return bean;
    }

    /** Some beans have constructors with arguments only; the fields are set afterwards all the same. */
    private Object instance(Class<?> type, int depth) throws Exception {
        Constructor<?> constructor = type.getDeclaredConstructors()[0];
        for (Constructor<?> other : type.getDeclaredConstructors()) {
            if (other.getParameterCount() == 0) constructor = other;
        }
        constructor.setAccessible(true);
        Object[] arguments = new Object[constructor.getParameterCount()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = sample("", constructor.getParameterTypes()[i], constructor.getGenericParameterTypes()[i], depth + 1);
        }
        return constructor.newInstance(arguments);
    }

    // ---- messages, ids, hashes

    private void messages() throws Exception {
        for (String host : new String[] {"10.1.2.3", "fe80::1:0:2"}) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getByName(host), 10911);
            MessageExt message = message(address, host.contains(":"));
            print("kind", "record", "host", host, "bytes", Base64.getEncoder().encodeToString(MessageDecoder.encode(message, false)),
                "msgId", MessageDecoder.createMessageId(address, message.getCommitLogOffset()),
                "properties", message.getProperties(), "body", Base64.getEncoder().encodeToString(message.getBody()));
        }
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Message message = new Message("T", ("body" + i).getBytes(StandardCharsets.UTF_8));
            message.setFlag(i);
            if (i == 1) message.getProperties().clear();
            else message.setTags("Tag" + i);
            batch.add(message);
        }
        print("kind", "batch", "bytes", Base64.getEncoder().encodeToString(MessageDecoder.encodeMessages(batch)));
        String id = MessageClientIDSetter.createUniqID();
        print("kind", "uniqueId", "id", id, "ip", MessageClientIDSetter.getIPStrFromID(id),
            "pid", MessageClientIDSetter.getPidFromID(id), "time", MessageClientIDSetter.getNearlyTimeFromID(id).getTime(),
            "now", System.currentTimeMillis());
    }

    private MessageExt message(InetSocketAddress address, boolean v6) {
        MessageExt message = new MessageExt();
        message.setTopic("%RETRY%group-1");
        message.setBody("h\u00e9llo".getBytes(StandardCharsets.UTF_8));
        message.setBodyCRC(UtilAll.crc32(message.getBody()));
        message.setQueueId(3);
        message.setFlag(-5);
        message.setQueueOffset(5_000_000_000L);
        message.setCommitLogOffset(1_234_567_890_123L);
        if (v6) {
            message.setBornHostV6Flag();
            message.setStoreHostAddressV6Flag();
        }
        message.setBornTimestamp(1_700_000_000_001L);
        message.setBornHost(address);
        message.setStoreTimestamp(1_700_000_000_002L);
        message.setStoreHost(address);
        message.setReconsumeTimes(2);
        message.setPreparedTransactionOffset(77);
        message.setTags("TagA");
        message.setKeys("k1 k2");
        return message;
    }

    private void texts() {
        for (String text : new String[] {"", "TagA", "\u6f22\u5b57", "\ud83d\ude00 and more", "polygenelubricants"}) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            print("kind", "text", "text", text, "hash", text.hashCode(), "crc", UtilAll.crc32(bytes));
        }
        for (double value : new double[] {0, -0.0, 1, 100, 0.001, 0.00099, 1.5e-7, 9999999, 1e7, 12345678.9, 0.1, 1 / 3.0, 1e21, -2.5}) {
            print("kind", "double", "text", JSON.toJSONString(value), "bits", Long.toHexString(Double.doubleToLongBits(value)));
        }
        Map<Object, Object> table = new TreeMap<>();
        table.put(0, 10L);
        table.put(1, Long.MAX_VALUE);
        Map<String, Object> offsets = new TreeMap<>();
        offsets.put("T@g", table);
        offsets.put("T2@g", new TreeMap<>());
        Map<Object, Object> byQueue = new HashMap<>();
        byQueue.put(new MessageQueue("T", "b", 1), 5L);
        Map<String, Object> file = new TreeMap<>();
        file.put("offsetTable", offsets);
        file.put("byQueue", byQueue);
        file.put("list", Arrays.asList(1, "two", Arrays.asList(), Arrays.asList(3L), offsets.get("T2@g"), byQueue));
        print("kind", "document", "compact", JSON.toJSONString(file), "pretty", JSON.toJSONString(file, true),
            "standard", JSON.toJSONString(file, SerializerFeature.BrowserCompatible, SerializerFeature.MapSortField));
    }
}
