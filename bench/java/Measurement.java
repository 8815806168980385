import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Time and processor time of this process between its making and its end; says "measure" and "end" then. */
final class Measurement {
    private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private final long cpuBefore = system.getProcessCpuTime();
    private final long startedAt = System.nanoTime();
    private double seconds;
    private long cpuMicros;

    Measurement() {
        System.out.println("measure");
    }

    void end() {
        seconds = (System.nanoTime() - startedAt) / 1e9;
        cpuMicros = (system.getProcessCpuTime() - cpuBefore) / 1000;
        System.out.println("end");
    }

    /** The last line, with the latencies as the messages. */
    void print(Latencies latencies, String more) {
        print(latencies.total(), latencies, more);
    }

    void print(long messages, Latencies latencies, String more) {
        System.out.println("{\"messages\":" + messages + ",\"seconds\":" + seconds + ",\"loadCpu\":" + cpuMicros
            + ",\"p50\":" + latencies.percentile(0.5) + ",\"p99\":" + latencies.percentile(0.99)
            + ",\"p999\":" + latencies.percentile(0.999) + "," + more + "}");
    }
}
