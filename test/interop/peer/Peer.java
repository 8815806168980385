import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UnsupportedEncodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A program under remote control: one JSON object a line.
 *
 * in:  {"id":1,"op":"producer.start",...arguments}
 * out: {"id":1,"result":...} or {"id":1,"error":{"type","message","code"}}, and {"event":...} of its own accord
 *
 * Operations run side by side; answers come in any order. The program ends when its input does.
 */
public final class Peer {
    interface Operation {
        Object run(JSONObject arguments) throws Throwable;
    }

    private final PrintStream out;
    private final Map<String, Operation> operations = new LinkedHashMap<>();

    Peer() throws UnsupportedEncodingException {
        out = new PrintStream(System.out, false, "UTF-8");
        // Whatever a library prints must not look like an answer.
        System.setOut(System.err);
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

    /** Until there is no more input. */
    void serve() throws Exception {
        emit(Map.of("event", "ready"));
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
