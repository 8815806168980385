import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * admin.* drives DefaultMQAdminExt; mqadmin runs a whole command and answers what it printed.
 * Types that moved to another package between the releases appear as var only.
 */
final class Admins {
    private interface Task {
        Object run(DefaultMQAdminExt admin) throws Exception;
    }

    private final Map<String, DefaultMQAdminExt> admins = new HashMap<>();

    void register(Peer peer) {
        peer.on("admin.createTopic", arguments -> with(arguments, admin -> {
            TopicConfig topic = new TopicConfig(arguments.getString("topic"), arguments.getIntValue("queues"), arguments.getIntValue("queues"), 6);
            admin.createAndUpdateTopicConfig(arguments.getString("broker"), topic);
            return null;
        }));
        peer.on("admin.route", arguments -> with(arguments, admin -> {
            var route = admin.examineTopicRouteInfo(arguments.getString("topic"));
            return route == null ? null : JSON.parse(JSON.toJSONString(route));
        }));
        peer.on("admin.topicStats", arguments -> with(arguments, admin -> {
            List<Object> rows = new ArrayList<>();
            for (var entry : admin.examineTopicStats(arguments.getString("topic")).getOffsetTable().entrySet()) {
                Map<String, Object> row = Messages.write(entry.getKey());
                row.put("minOffset", entry.getValue().getMinOffset());
                row.put("maxOffset", entry.getValue().getMaxOffset());
                rows.add(row);
            }
            return rows;
        }));
        peer.on("admin.consumeStats", arguments -> with(arguments, admin -> {
            List<Object> rows = new ArrayList<>();
            for (var entry : admin.examineConsumeStats(arguments.getString("group")).getOffsetTable().entrySet()) {
                Map<String, Object> row = Messages.write(entry.getKey());
                row.put("brokerOffset", entry.getValue().getBrokerOffset());
                row.put("consumerOffset", entry.getValue().getConsumerOffset());
                rows.add(row);
            }
            return rows;
        }));
        peer.on("admin.consumers", arguments -> with(arguments, admin -> {
            List<Object> rows = new ArrayList<>();
            for (var connection : admin.examineConsumerConnectionInfo(arguments.getString("group")).getConnectionSet()) {
                rows.add(connection.getClientId());
            }
            return rows;
        }));
        peer.on("admin.offsets", arguments -> with(arguments, admin -> {
            MessageQueue queue = Messages.readQueue(arguments.getJSONObject("queue"));
            Map<String, Object> offsets = new LinkedHashMap<>();
            offsets.put("min", admin.minOffset(queue));
            offsets.put("max", admin.maxOffset(queue));
            offsets.put("atTime", admin.searchOffset(queue, arguments.getLongValue("timestamp")));
            offsets.put("earliest", admin.earliestMsgStoreTime(queue));
            return offsets;
        }));
        peer.on("admin.consumerStatus", arguments -> with(arguments, admin -> {
            Map<String, Object> members = new HashMap<>();
            for (var member : admin.getConsumeStatus(arguments.getString("topic"), arguments.getString("group"), "").entrySet()) {
                List<Object> rows = new ArrayList<>();
                for (var entry : member.getValue().entrySet()) {
                    Map<String, Object> row = Messages.write(entry.getKey());
                    row.put("offset", entry.getValue());
                    rows.add(row);
                }
                members.put(member.getKey(), rows);
            }
            return members;
        }));
        peer.on("admin.consumeTimeSpan", arguments -> with(arguments, admin -> {
            List<Object> rows = new ArrayList<>();
            for (var span : admin.queryConsumeTimeSpan(arguments.getString("topic"), arguments.getString("group"))) {
                Map<String, Object> row = Messages.write(span.getMessageQueue());
                row.put("min", span.getMinTimeStamp());
                row.put("max", span.getMaxTimeStamp());
                row.put("consumed", span.getConsumeTimeStamp());
                row.put("delay", span.getDelayTime());
                rows.add(row);
            }
            return rows;
        }));
        peer.on("mqadmin", Admins::command);
    }

    private Object with(JSONObject arguments, Task task) throws Exception {
        return task.run(admin(arguments.getString("nameServer")));
    }

    /** Kept: shutting a client of 5.x down takes up to three seconds. */
    private synchronized DefaultMQAdminExt admin(String nameServer) throws Exception {
        DefaultMQAdminExt admin = admins.get(nameServer);
        if (admin == null) {
            admin = new DefaultMQAdminExt(10_000);
            admin.setNamesrvAddr(nameServer);
            admin.setInstanceName(UUID.randomUUID().toString());
            admin.setVipChannelEnabled(false);
            admin.start();
            admins.put(nameServer, admin);
        }
        return admin;
    }

    /** Commands are made anew by main, but those of the last run would be found first, and some keep their closed client. */
    private static void forgetCommands() throws Exception {
        for (Field field : MQAdminStartup.class.getDeclaredFields()) {
            if (List.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                ((List<?>) field.get(null)).clear();
            }
        }
    }

    /** args: as on mqadmin's command line. One at a time: they print to the one standard output. */
    private static synchronized Object command(JSONObject arguments) throws Exception {
        JSONArray words = arguments.getJSONArray("args");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream before = System.out;
        PrintStream errors = System.err;
        PrintStream capture = new PrintStream(printed, true, "UTF-8");
        System.setOut(capture);
        System.setErr(capture);
        try {
            forgetCommands();
            MQAdminStartup.main(words.toArray(new String[0]));
        } finally {
            System.setOut(before);
            System.setErr(errors);
        }
        return printed.toString("UTF-8");
    }
}
