// One member of a consumer group, or a producer, of Apache's Go client in a process of its own, so that it can be killed.
// Argument: one JSON text as in ../java/GroupMember.java, with role "consumer" or "producer". A consumer prints the lines
// that GroupMember prints; a producer prints ["sent", key] for each message that was acknowledged. Both end after a line
// on their input.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	rocketmq "github.com/apache/rocketmq-client-go/v2"
	"github.com/apache/rocketmq-client-go/v2/consumer"
	"github.com/apache/rocketmq-client-go/v2/primitive"
	"github.com/apache/rocketmq-client-go/v2/producer"
	"github.com/apache/rocketmq-client-go/v2/rlog"
)

type options struct {
	Role         string `json:"role"`
	NameServer   string `json:"nameServer"`
	Group        string `json:"group"`
	Topic        string `json:"topic"`
	InstanceName string `json:"instanceName"`
	// Milliseconds between two messages of a producer.
	Every int `json:"every"`
}

var out sync.Mutex

func printLine(line ...any) {
	text, err := json.Marshal(line)
	check(err)
	out.Lock()
	defer out.Unlock()
	fmt.Println(string(text))
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	var o options
	check(json.Unmarshal([]byte(os.Args[1]), &o))
	rlog.SetLogLevel("warn")
	if o.Role == "producer" {
		produce(o)
	} else {
		consume(o)
	}
}

func consume(o options) {
	member, err := rocketmq.NewPushConsumer(
		consumer.WithNsResolver(primitive.NewPassthroughResolver(strings.Split(o.NameServer, ";"))),
		consumer.WithGroupName(o.Group),
		consumer.WithInstance(o.InstanceName),
		consumer.WithConsumeFromWhere(consumer.ConsumeFromFirstOffset),
		consumer.WithConsumerModel(consumer.Clustering),
		consumer.WithConsumeGoroutineNums(4),
		consumer.WithStrategy(told(o.Topic)),
	)
	check(err)
	check(member.Subscribe(o.Topic, consumer.MessageSelector{},
		func(_ context.Context, messages ...*primitive.MessageExt) (consumer.ConsumeResult, error) {
			for _, message := range messages {
				printLine("at", time.Now().UnixMilli(), message.Queue.QueueId, message.QueueOffset, message.GetKeys())
			}
			return consumer.ConsumeSuccess, nil
		}))
	check(member.Start())
	printLine("started")
	waitForLine()
	check(member.Shutdown())
}

// Averagely; the client keeps to itself which queues it has, so they are told where they are decided.
func told(topic string) consumer.AllocateStrategy {
	before := "none"
	return func(group, id string, queues []*primitive.MessageQueue, ids []string) []*primitive.MessageQueue {
		mine := consumer.AllocateByAveragely(group, id, queues, ids)
		if len(queues) == 0 || queues[0].Topic != topic {
			return mine
		}
		held := make([]int, 0, len(mine))
		for _, queue := range mine {
			held = append(held, queue.QueueId)
		}
		sort.Ints(held)
		if now := fmt.Sprint(held); now != before {
			before = now
			printLine("queues", held)
		}
		return mine
	}
}

func produce(o options) {
	sender, err := rocketmq.NewProducer(
		producer.WithNsResolver(primitive.NewPassthroughResolver(strings.Split(o.NameServer, ";"))),
		producer.WithGroupName(o.Group+"-producers"),
		producer.WithInstanceName(o.InstanceName),
		producer.WithQueueSelector(producer.NewRoundRobinQueueSelector()),
	)
	check(err)
	check(sender.Start())
	printLine("started")
	ended := make(chan struct{})
	go func() {
		waitForLine()
		close(ended)
	}()
	for i := 0; ; i++ {
		select {
		case <-ended:
			check(sender.Shutdown())
			return
		case <-time.After(time.Duration(o.Every) * time.Millisecond):
		}
		key := fmt.Sprintf("go-%d", i)
		message := primitive.NewMessage(o.Topic, []byte("message "+key)).WithKeys([]string{key})
		result, err := sender.SendSync(context.Background(), message)
		check(err)
		if result.Status == primitive.SendOK {
			printLine("sent", key)
		}
	}
}

func waitForLine() {
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
}
