import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Apache's client, tools and names under remote control: one JSON object a line.
 *
 * in:  {"id":1,"op":"producer.start",...arguments}
 * out: {"id":1,"result":...} or {"id":1,"error":{"type","message","code"}}, and {"event":...} whenever a consumer gets a message
 *
 * Operations run side by side; answers come in any order. The program ends when its input does.
 */
public final class Peer {
    interface Operation {
        Object run(JSONObject arguments) throws Throwable;
    }

    private final PrintStream out;
    private final Map<String, Operation> operations = new LinkedHashMap<>();

    private Peer(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        Peer peer = new Peer(new PrintStream(System.out, false, "UTF-8"));
        // Whatever a library prints must not look like an answer.
        System.setOut(System.err);
        new Producers().register(peer);
        new Transactions().register(peer);
        new Consumers(peer).register(peer);
        new PullConsumers().register(peer);
        new LitePullConsumers().register(peer);
        new PullSchedules(peer).register(peer);
        new RequestReplies().register(peer);
        new Admins().register(peer);
        peer.on("property", arguments -> System.getProperty(arguments.getString("name")));
        peer.emit(Map.of("event", "ready"));
        peer.serve();
        System.exit(0);
    }

    void on(String name, Operation operation) {
        operations.put(name, operation);
    }

    void emit(Object value) {
        String line = JSON.toJSONString(value, SerializerFeature.DisableCircularReferenceDetect);
        synchronized (out) {
            out.println(line);
            out.flush();
        }
    }

    private void serve() throws Exception {
        ExecutorService pool = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JSONObject request = JSON.parseObject(line);
            pool.execute(() -> answer(request));
        }
    }

    private void answer(JSONObject request) {
        Map<String, Object> reply = new LinkedHashMap<>();
        reply.put("id", request.get("id"));
        try {
            Operation operation = operations.get(request.getString("op"));
            if (operation == null) {
                throw new IllegalArgumentException("no such operation: " + request.getString("op"));
            }
            reply.put("result", operation.run(request));
        } catch (Throwable error) {
            reply.put("error", describe(error));
        }
        emit(reply);
    }

    private static Map<String, Object> describe(Throwable error) {
        Map<String, Object> description = new LinkedHashMap<>();
        description.put("type", error.getClass().getSimpleName());
        description.put("message", String.valueOf(error.getMessage()));
        try {
            description.put("code", error.getClass().getMethod("getResponseCode").invoke(error));
        } catch (ReflectiveOperationException none) {
            description.put("code", null);
        }
        return description;
    }
}
