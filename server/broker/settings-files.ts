/** Where a node listens: both on loopback, kept in broker.json from start to start. */
export interface BrokerPorts {
  readonly client: number;
  readonly controller: number;
}

/**
 * A node that was killed is let in again only after its former self's session ended: with Kafka's 9 s a start takes 12 s, with 1.5 s
 * below 4 s (measured with 4.2.1). Shorter, and a busy machine would fence a node that lives.
 */
const SESSION_MS = 1_500;

/**
 * Settings of the one node, broker and controller at once (KRaft, Apache Kafka 4.2). The controller's port may change from start to start:
 * a node that is its own quorum writes the new endpoint into its metadata log as it becomes leader (tried with 4.2.1).
 */
export function serverProperties(dataDir: string, ports: BrokerPorts): string {
  const listeners = `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`;
  const settings: Readonly<Record<string, string | number | boolean>> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
    listeners,
    'advertised.listeners': listeners,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': escaped(dataDir),
    'num.partitions': 1,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'broker.session.timeout.ms': SESSION_MS,
    'broker.heartbeat.interval.ms': SESSION_MS / 6,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** In a properties file a backslash begins an escape. */
const escaped = (path: string) => path.replaceAll('\\', '\\\\');

/** Log4j 2 settings: everything to one file in the data folder, at most two of 10 MB. */
export function log4jSettings(logFile: string): string {
  const file = logFile.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<?xml version="1.0" encoding="UTF-8"?>
<Configuration status="warn">
  <Appenders>
    <RollingFile name="file" fileName="${file}" filePattern="${file}.1">
      <PatternLayout pattern="%d %p %c{1} %m%n"/>
      <SizeBasedTriggeringPolicy size="10MB"/>
      <DefaultRolloverStrategy max="1" fileIndex="min"/>
    </RollingFile>
  </Appenders>
  <Loggers><Root level="info"><AppenderRef ref="file"/></Root></Loggers>
</Configuration>
`;
}
