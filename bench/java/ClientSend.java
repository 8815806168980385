import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;

/**
 * Apache's producer under the load of bench/load/client-send.ts: as many threads as sends in flight. Arguments: name
 * server, topic, body size, threads, milliseconds of warm-up, milliseconds measured. Prints "measure", "end" and one line
 * of JSON.
 */
public final class ClientSend {
    private static volatile boolean measuring;
    private static volatile boolean over;

    private ClientSend() {
    }

    public static void main(String[] args) throws Exception {
        String topic = args[1];
        byte[] body = new byte[Integer.parseInt(args[2])];
        Arrays.fill(body, (byte) 'x');
        DefaultMQProducer producer = new DefaultMQProducer("bench_clients");
        producer.setNamesrvAddr(args[0]);
        producer.start();
        Thread[] threads = new Thread[Integer.parseInt(args[3])];
        Latencies[] latencies = new Latencies[threads.length];
        AtomicLong sent = new AtomicLong();
        for (int i = 0; i < threads.length; i++) {
            Latencies own = latencies[i] = new Latencies();
            threads[i] = new Thread(() -> {
                try {
                    sent.addAndGet(sendAgainAndAgain(producer, topic, body, own));
                } catch (Exception error) {
                    error.printStackTrace();
                    System.exit(1);
                }
            });
            threads[i].start();
        }
        Thread.sleep(Long.parseLong(args[4]));
        Measurement measurement = new Measurement();
        measuring = true;
        Thread.sleep(Long.parseLong(args[5]));
        measuring = false;
        measurement.end();
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
        producer.shutdown();
        measurement.print(Latencies.sum(latencies), "\"sent\":" + sent.get());
        System.exit(0);
    }

    private static long sendAgainAndAgain(DefaultMQProducer producer, String topic, byte[] body, Latencies latencies)
        throws Exception {
        long sent = 0;
        while (!over) {
            long startedAt = System.nanoTime();
            SendResult result = producer.send(new Message(topic, "TagA", body));
            if (result.getSendStatus() != SendStatus.SEND_OK) {
                throw new IllegalStateException("a send ended with " + result.getSendStatus());
            }
            sent++;
            if (measuring) {
                latencies.record((System.nanoTime() - startedAt) / 1000);
            }
        }
        return sent;
    }
}
