import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.filter.FilterFactory;
import org.apache.rocketmq.filter.expression.EvaluationContext;
import org.apache.rocketmq.filter.expression.Expression;

/**
 * Asks Apache's SQL92 filter. First line: a list of property sets; each further line: an expression as a JSON string. One
 * answer a line: a letter for each property set (T, F, N for null, X for an exception), or INVALID.
 */
public final class SqlFilters {
    private SqlFilters() {
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<Map<String, String>> sets = new ArrayList<>();
        JSONArray given = JSON.parseArray(in.readLine());
        for (int i = 0; i < given.size(); i++) {
            Map<String, String> set = new HashMap<>();
            given.getJSONObject(i).forEach((name, value) -> set.put(name, (String) value));
            sets.add(set);
        }
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.println(answer((String) JSON.parse(line), sets));
        }
        out.flush();
    }

    private static String answer(String text, List<Map<String, String>> sets) {
        Expression expression;
        try {
            expression = FilterFactory.INSTANCE.get("SQL92").compile(text);
        } catch (Throwable e) {
            return "INVALID";
        }
        StringBuilder answer = new StringBuilder();
        for (Map<String, String> set : sets) {
            answer.append(letter(expression, set));
        }
        return answer.toString();
    }

    private static char letter(Expression expression, Map<String, String> set) {
        try {
            Object value = expression.evaluate(new Properties(set));
            return value == null ? 'N' : Boolean.TRUE.equals(value) ? 'T' : 'F';
        } catch (Throwable e) {
            return 'X';
        }
    }

    private static final class Properties implements EvaluationContext {
        private final Map<String, String> set;

        Properties(Map<String, String> set) {
            this.set = set;
        }

        @Override
        public Object get(String name) {
            return set.get(name);
        }

        @Override
        public Map<String, Object> keyValues() {
            return new HashMap<>(set);
        }
    }
}
