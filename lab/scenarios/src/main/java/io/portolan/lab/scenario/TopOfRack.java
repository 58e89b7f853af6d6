package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.Program;
import io.portolan.linux.netns.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A router as others run it: BIRD with a configuration by hand, which knows nothing of pods. */
final class TopOfRack {
  /** Where Debian's package bird2 has it. */
  static final Path BIRD = Path.of("/usr/sbin/bird");

  /** Of the router; nodes are of Calico's default, 64512. */
  static final long AS_NUMBER = 65001;

  private TopOfRack() {}

  static Program start(NetworkNamespace namespace, Path directory, List<IpAddress> nodes)
      throws IOException {
    StringBuilder text =
        new StringBuilder(
            """
            log stderr all;
            router id 192.168.1.1;
            protocol device { scan time 1; }
            protocol direct { ipv4; }
            protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
            template bgp node {
              local as %d;
              direct;
              connect retry time 1;
              graceful restart on;
              ipv4 { import all; export where source = RTS_BGP; };
            }
            """
                .formatted(AS_NUMBER));
    for (IpAddress node : nodes) {
      text.append("protocol bgp from node { neighbor ").append(node).append(" as 64512; }\n");
    }
    Path configuration = Files.writeString(directory.resolve("bird.conf"), text);
    return Program.start(
        "BIRD of the router",
        namespace,
        List.of(
            BIRD.toString(),
            "-f",
            "-c",
            configuration.toString(),
            "-s",
            directory.resolve("bird.ctl").toString()),
        Map.of(),
        directory.resolve("bird.log"));
  }
}
