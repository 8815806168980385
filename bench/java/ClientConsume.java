import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * Apache's push consumer under what bench/load/client-consume.ts does: takes a whole backlog with a handler that does
 * nothing but count. Arguments: name server, topic, group, queues, messages, messages before the measurement,
 * "orderly" or "concurrently". Prints
 * "measure", "end" and one line of JSON; ends with 1 when a message comes twice, or none comes for half a minute.
 */
public final class ClientConsume {
    private static final AtomicLong count = new AtomicLong();
    private static final AtomicReference<Measurement> measurement = new AtomicReference<>();
    private static final CountDownLatch done = new CountDownLatch(1);

    private ClientConsume() {
    }

    public static void main(String[] args) throws Exception {
        int queues = Integer.parseInt(args[3]);
        long total = Long.parseLong(args[4]);
        long warmUp = Long.parseLong(args[5]);
        BitSet[] seen = new BitSet[queues];
        for (int i = 0; i < queues; i++) {
            seen[i] = new BitSet();
        }
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(args[2]);
        consumer.setNamesrvAddr(args[0]);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(args[1], "*");
        if (args[6].equals("orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(message -> take(seen[message.getQueueId()], message, total, warmUp));
                return ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> take(seen[message.getQueueId()], message, total, warmUp));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        consumer.start();
        for (long before = -1; !done.await(30, TimeUnit.SECONDS); before = count.get()) {
            if (count.get() == before) {
                System.err.println(before + " messages of " + total);
                System.exit(1);
            }
        }
        consumer.shutdown();
        measurement.get().print(total - warmUp, new Latencies(), "\"received\":" + count.get());
        System.exit(0);
    }

    private static void take(BitSet seen, MessageExt message, long total, long warmUp) {
        synchronized (seen) {
            if (seen.get((int) message.getQueueOffset())) {
                System.err.println("a message came twice: " + message.getMsgId());
                System.exit(1);
            }
            seen.set((int) message.getQueueOffset());
        }
        long number = count.incrementAndGet();
        if (number == warmUp) {
            measurement.set(new Measurement());
        } else if (number == total) {
            measurement.get().end();
            done.countDown();
        }
    }
}
