package io.portolan.sim.imds;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.time.VirtualTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImdsServerTest {
  private final VirtualTime time = VirtualTime.create();
  private final Ec2World world = new Ec2World(Ec2World.Options.DEFAULT, time);
  private final Map<InetAddress, ResourceId> callers = new ConcurrentHashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();
  private String subnet;
  private ResourceId instance;
  private ImdsServer server;

  @BeforeEach
  void start() throws IOException {
    String vpc = world.run("CreateVpc", "CidrBlock", "10.0.0.0/16").text("vpc/vpcId");
    subnet =
        world.run("CreateSubnet", "VpcId", vpc, "CidrBlock", "10.0.0.0/24").text("subnet/subnetId");
    String id =
        world
            .run(
                "RunInstances",
                "ImageId",
                "ami-00000000",
                "InstanceType",
                "m5.large",
                "MinCount",
                "1",
                "MaxCount",
                "1",
                "SubnetId",
                subnet)
            .text("instancesSet/item/instanceId");
    instance = ResourceId.parse(id).orElseThrow();
    callers.put(InetAddress.getLoopbackAddress(), instance);
    server =
        ImdsServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            world,
            address -> Optional.ofNullable(callers.get(address)));
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private HttpResponse<String> send(String path, HttpRequest.Builder request) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    return http.send(request.uri(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> askForToken(String seconds) throws Exception {
    return send(
        "/latest/api/token",
        HttpRequest.newBuilder()
            .PUT(HttpRequest.BodyPublishers.noBody())
            .header("X-aws-ec2-metadata-token-ttl-seconds", seconds));
  }

  private String read(String path) throws Exception {
    HttpResponse<String> response = readWith(askForToken("60").body(), path);
    return response.statusCode() == 200 ? response.body() : String.valueOf(response.statusCode());
  }

  private HttpResponse<String> readWith(String token, String path) throws Exception {
    return send(
        "/latest/" + path, HttpRequest.newBuilder().header("X-aws-ec2-metadata-token", token));
  }

  private NetworkInterface primary() {
    return world.view().attachedTo(instance).getFirst();
  }

  private NetworkInterface attachAnother() {
    String eni =
        world
            .run(
                "CreateNetworkInterface",
                "SubnetId",
                subnet,
                "SecondaryPrivateIpAddressCount",
                "1",
                "Ipv4PrefixCount",
                "1")
            .text("networkInterface/networkInterfaceId");
    world.run(
        "AttachNetworkInterface",
        "NetworkInterfaceId",
        eni,
        "InstanceId",
        instance.text(),
        "DeviceIndex",
        "1");
    return world.view().networkInterface(ResourceId.parse(eni).orElseThrow()).orElseThrow();
  }

  @Test
  void withoutATokenNothingIsRead() throws Exception {
    assertThat(send("/latest/meta-data/", HttpRequest.newBuilder()).statusCode()).isEqualTo(401);
    assertThat(readWith("made-up", "meta-data/").statusCode()).isEqualTo(401);
  }

  @Test
  void aTokenLivesAsLongAsWasAskedFor() throws Exception {
    HttpResponse<String> answer = askForToken("30");
    assertThat(answer.headers().firstValue("X-aws-ec2-metadata-token-ttl-seconds")).contains("30");
    assertThat(readWith(answer.body(), "meta-data/instance-id").statusCode()).isEqualTo(200);
    time.advance(Duration.ofSeconds(30));
    assertThat(readWith(answer.body(), "meta-data/instance-id").statusCode()).isEqualTo(401);
    for (String wrong : new String[] {"0", "21601", "x"}) {
      assertThat(askForToken(wrong).statusCode()).as(wrong).isEqualTo(400);
    }
  }

  @Test
  void anInstanceReadsAboutItself() throws Exception {
    assertThat(read("meta-data/instance-id")).isEqualTo(instance.text());
    assertThat(read("meta-data/instance-type")).isEqualTo("m5.large");
    assertThat(read("meta-data/local-ipv4")).isEqualTo("10.0.0.4");
    assertThat(read("meta-data/mac")).isEqualTo(primary().mac().toString());
    assertThat(read("meta-data/placement/"))
        .isEqualTo("availability-zone\navailability-zone-id\nregion");
    assertThat(read("meta-data/placement/region")).isEqualTo("us-east-1");
    assertThat(read("meta-data/nothing")).isEqualTo("404");
    assertThat(read("dynamic/instance-identity/document"))
        .contains("\"instanceId\" : \"" + instance + "\"", "\"accountId\" : \"123456789012\"");
  }

  @Test
  void interfacesComeAndGo() throws Exception {
    NetworkInterface second = attachAnother();
    String macs = "meta-data/network/interfaces/macs/";
    String at = macs + second.mac() + "/";
    assertThat(read(macs).lines())
        .containsExactlyInAnyOrder(primary().mac() + "/", second.mac() + "/");
    assertThat(read(at + "device-number")).isEqualTo("1");
    assertThat(read(at + "interface-id")).isEqualTo(second.id().text());
    assertThat(read(at + "local-ipv4s")).isEqualTo("10.0.0.5\n10.0.0.6");
    assertThat(read(at + "ipv4-prefix")).isEqualTo("10.0.0.16/28");
    assertThat(read(at + "subnet-ipv4-cidr-block")).isEqualTo("10.0.0.0/24");
    assertThat(read(at + "vpc-ipv4-cidr-blocks")).isEqualTo("10.0.0.0/16");
    assertThat(read(macs + primary().mac() + "/ipv4-prefix")).as("none, no path").isEqualTo("404");
    world.run(
        "DetachNetworkInterface", "AttachmentId", second.attachment().orElseThrow().id().text());
    assertThat(read(at + "device-number")).isEqualTo("404");
  }

  @Test
  void changesShowLateIfToldSo() throws Exception {
    world.behave(Ec2Behavior.PROMPT.withImdsLag(DelayRange.parse("10s")));
    time.advance(Duration.ofMinutes(1));
    String path = "meta-data/network/interfaces/macs/" + attachAnother().mac() + "/device-number";
    assertThat(read(path)).isEqualTo("404");
    time.advance(Duration.ofSeconds(10));
    assertThat(read(path)).isEqualTo("1");
  }

  @Test
  void aStrangerLearnsNothing() throws Exception {
    callers.clear();
    assertThat(askForToken("60").statusCode()).isEqualTo(404);
  }
}
