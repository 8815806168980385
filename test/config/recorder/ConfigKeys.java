import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;

/**
 * Prints what Apache's configuration classes declare: one line per key with class, key, Java type, default and whether
 * it is an "important" one, tab-separated. A key is what a properties file may hold, that is, a setter with a field.
 */
public class ConfigKeys {
    public static void main(String[] classNames) throws Exception {
        for (String className : classNames) {
            Class<?> type;
            try {
                type = Class.forName(className);
            } catch (ClassNotFoundException absentInThisVersion) {
                continue;
            }
            print(type);
        }
    }

    private static void print(Class<?> type) throws Exception {
        Constructor<?> constructor = type.getDeclaredConstructor();
        Object config = constructor.newInstance();
        Map<String, Field> fields = new TreeMap<>();
        for (Class<?> at = type; at != Object.class; at = at.getSuperclass()) {
            for (Field field : at.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers())) {
                    fields.putIfAbsent(field.getName(), field);
                }
            }
        }
        Map<String, String> lines = new TreeMap<>();
        for (Method method : type.getMethods()) {
            String name = method.getName();
            if (!name.startsWith("set") || method.getParameterCount() != 1) {
                continue;
            }
            String key = name.substring(3, 4).toLowerCase() + name.substring(4);
            Field field = fields.getOrDefault(key, fields.get("is" + name.substring(3)));
            lines.put(key, line(type, key, field, config, method.getParameterTypes()[0]));
        }
        // Printed by -p and answered by the broker's configuration request although no file can set them.
        for (Field field : fields.values()) {
            lines.putIfAbsent(field.getName(), line(type, field.getName(), field, config, field.getType()));
        }
        lines.values().forEach(System.out::println);
    }

    private static String line(Class<?> type, String key, Field field, Object config, Class<?> parameter)
        throws Exception {
        Object value = null;
        Class<?> kind = parameter;
        boolean important = false;
        if (field != null) {
            field.setAccessible(true);
            value = field.get(config);
            kind = field.getType();
            for (java.lang.annotation.Annotation annotation : field.getAnnotations()) {
                important |= annotation.annotationType().getSimpleName().equals("ImportantField");
            }
        }
        String values = kind.isEnum() ? java.util.Arrays.toString(kind.getEnumConstants()) : "";
        return String.join("\t", type.getSimpleName(), key, kind.isEnum() ? "enum" : kind.getSimpleName(),
            value == null ? "" : String.valueOf(value), String.valueOf(important), values);
    }
}
