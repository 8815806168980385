import com.alibaba.fastjson.JSONObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Applications of rocketmq-spring's starter under remote control, each on a cluster of its own. What their listeners get
 * goes out as {"event":"heard","application","listener",...}.
 */
@Configuration
@EnableAutoConfiguration
@Import({SpringListeners.Texts.class, SpringListeners.Orders.class, SpringListeners.Raw.class,
    SpringListeners.Quotes.class, SpringListeners.LocalTransactions.class})
public class SpringPeer {
    private static final Map<String, ConfigurableApplicationContext> running = new ConcurrentHashMap<>();

    /** Where a listener of an application tells what it got. */
    static final class Outbox {
        private final Peer peer;
        private final String application;

        Outbox(Peer peer, String application) {
            this.peer = peer;
            this.application = application;
        }

        void put(String listener, Map<String, Object> what) {
            Map<String, Object> event = new LinkedHashMap<>(what);
            event.put("event", "heard");
            event.put("application", application);
            event.put("listener", listener);
            peer.emit(event);
        }
    }

    @Bean
    static BeanPostProcessor hurry() {
        return new BeanPostProcessor() {
            @Override
            public Object postProcessBeforeInitialization(Object bean, String name) {
                if (bean instanceof DefaultMQProducer) {
                    Messages.hurry((DefaultMQProducer) bean);
                }
                return bean;
            }
        };
    }

    public static void main(String[] args) throws Exception {
        Peer peer = new Peer();
        peer.on("application.start", arguments -> start(peer, arguments));
        new SpringSends(SpringPeer::template).register(peer);
        peer.serve();
        System.exit(0);
    }

    /** "application": its name; "properties": what would stand in application.properties. */
    private static Object start(Peer peer, JSONObject arguments) {
        String name = arguments.getString("application");
        ConfigurableApplicationContext context = new SpringApplicationBuilder(SpringPeer.class)
            .web(WebApplicationType.NONE)
            .bannerMode(Banner.Mode.OFF)
            .registerShutdownHook(false)
            .properties(arguments.getJSONObject("properties").getInnerMap())
            .initializers(made -> made.getBeanFactory().registerSingleton("outbox", new Outbox(peer, name)))
            .run();
        running.put(name, context);
        return true;
    }

    private static RocketMQTemplate template(String application) {
        return running.get(application).getBean(RocketMQTemplate.class);
    }
}
