package io.portolan.aws.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SdkEc2ApiTest {
  private ScriptedEc2 server = new ScriptedEc2();
  private SdkEc2Api api = server.api();

  @BeforeAll
  static void signWithAnything() {
    System.setProperty("aws.accessKeyId", "AKIDEXAMPLE");
    System.setProperty("aws.secretAccessKey", "example");
  }

  @AfterAll
  static void forgetCredentials() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  @BeforeEach
  void start() {
    server.close();
    api.close();
    server = new ScriptedEc2();
    api = server.api();
  }

  @AfterEach
  void stop() {
    api.close();
    server.close();
  }

  @Test
  void readsAListingToItsLastPage() {
    server
        .answers(interfaces("<nextToken>page2</nextToken>", eni("eni-0aaaaaaaaaaaaaaa1", "")))
        .answers(interfaces("", eni("eni-0aaaaaaaaaaaaaaa2", "")));

    Listing<Ec2Interface> listing = done(api.describeInterfaces(new InterfaceQuery.OfVpc("vpc-1")));

    assertThat(listing.requests()).isEqualTo(2);
    assertThat(listing.items())
        .extracting(Ec2Interface::id)
        .containsExactly("eni-0aaaaaaaaaaaaaaa1", "eni-0aaaaaaaaaaaaaaa2");
    assertThat(server.requests())
        .containsExactly(
            Map.of(
                "Action", "DescribeNetworkInterfaces",
                "Filter.1.Name", "vpc-id",
                "Filter.1.Value.1", "vpc-1",
                "MaxResults", "1000"),
            Map.of(
                "Action", "DescribeNetworkInterfaces",
                "Filter.1.Name", "vpc-id",
                "Filter.1.Value.1", "vpc-1",
                "MaxResults", "1000",
                "NextToken", "page2"));
  }

  @Test
  void readsEverythingThatAnInterfaceSays() {
    server.answers(
        interfaces(
            "",
            eni(
                "eni-0aaaaaaaaaaaaaaa1",
                """
                <privateIpAddressesSet>
                  <item><privateIpAddress>10.0.1.9</privateIpAddress><primary>false</primary></item>
                  <item><privateIpAddress>10.0.1.4</privateIpAddress><primary>true</primary></item>
                  <item><privateIpAddress>10.0.1.7</privateIpAddress><primary>false</primary></item>
                </privateIpAddressesSet>
                <ipv4PrefixSet><item><ipv4Prefix>10.0.1.32/28</ipv4Prefix></item></ipv4PrefixSet>
                <ipv6AddressesSet><item><ipv6Address>2001:db8::5</ipv6Address></item></ipv6AddressesSet>
                <groupSet><item><groupId>sg-2</groupId></item><item><groupId>sg-1</groupId></item></groupSet>
                <tagSet><item><key>b</key><value>2</value></item><item><key>a</key><value>1</value></item></tagSet>
                <attachment>
                  <attachmentId>eni-attach-1</attachmentId><instanceId>i-1</instanceId>
                  <deviceIndex>1</deviceIndex><networkCardIndex>0</networkCardIndex>
                  <status>attaching</status><attachTime>2026-01-02T03:04:05.000Z</attachTime>
                  <deleteOnTermination>true</deleteOnTermination>
                </attachment>
                """)));

    assertThat(done(api.describeInterfaces(new InterfaceQuery.OfInstances(List.of("i-1")))).items())
        .singleElement()
        .hasToString(
            "Ec2Interface[id=eni-0aaaaaaaaaaaaaaa1, vpcId=vpc-1, subnetId=subnet-1,"
                + " zone=eu-central-1a, status=IN_USE, type=interface, mac=02:00:00:00:00:01,"
                + " primaryAddress=Optional[10.0.1.4], secondaryAddresses=[10.0.1.7, 10.0.1.9,"
                + " 2001:db8::5], prefixes=[10.0.1.32/28], securityGroupIds=[sg-1, sg-2],"
                + " attachment=Optional[Attachment[id=eni-attach-1, state=ATTACHING,"
                + " instanceId=Optional[i-1], deviceIndex=1, networkCard=0,"
                + " deleteOnTermination=true, attachedAt=Optional[2026-01-02T03:04:05Z]]],"
                + " tags={a=1, b=2}]");
  }

  @Test
  void asksForManyInstancesInPortionsThatAFilterAllows() {
    String none = "<DescribeInstancesResponse><reservationSet/></DescribeInstancesResponse>";
    server.answers(none).answers(none).answers(none);

    List<String> ids = IntStream.range(0, 450).mapToObj("i-%05d"::formatted).toList();
    assertThat(done(api.describeInstances(ids)).requests()).isEqualTo(3);

    assertThat(server.requests().stream().map(r -> r.size() - 3)).containsExactly(200, 200, 50);
  }

  @Test
  void createsWithTokenTagsAndAddressesInOneCall() {
    server.answers(
        "<CreateNetworkInterfaceResponse><networkInterface>"
            + eniBody("eni-0aaaaaaaaaaaaaaa1", "")
            + "</networkInterface></CreateNetworkInterfaceResponse>");

    done(
        api.createInterface(
            new NewInterface(
                "token-1", "subnet-1", List.of("sg-1"), "pods", Map.of("b", "2", "a", "1"), 0, 2)));

    assertThat(server.requests())
        .containsExactly(
            Map.ofEntries(
                Map.entry("Action", "CreateNetworkInterface"),
                Map.entry("ClientToken", "token-1"),
                Map.entry("Description", "pods"),
                Map.entry("Ipv4PrefixCount", "2"),
                Map.entry("SecurityGroupId.1", "sg-1"),
                Map.entry("SubnetId", "subnet-1"),
                Map.entry("TagSpecification.1.ResourceType", "network-interface"),
                Map.entry("TagSpecification.1.Tag.1.Key", "a"),
                Map.entry("TagSpecification.1.Tag.1.Value", "1"),
                Map.entry("TagSpecification.1.Tag.2.Key", "b"),
                Map.entry("TagSpecification.1.Tag.2.Value", "2")));
  }

  @Test
  void unassignsAddressesAndPrefixesByTheirOwnParameters() {
    server.answers(
        "<UnassignPrivateIpAddressesResponse><return>true</return></UnassignPrivateIpAddressesResponse>");

    done(api.unassignIpv4("eni-1", List.of(Cidr.parse("10.0.1.7/32"), Cidr.parse("10.0.1.32/28"))));

    assertThat(server.requests())
        .containsExactly(
            Map.of(
                "Action", "UnassignPrivateIpAddresses",
                "NetworkInterfaceId", "eni-1",
                "PrivateIpAddress.1", "10.0.1.7",
                "Ipv4Prefix.1", "10.0.1.32/28"));
  }

  @Test
  void answersWithExactlyTheAssignedAddresses() {
    server.answers(
        """
        <AssignPrivateIpAddressesResponse><networkInterfaceId>eni-1</networkInterfaceId>
        <assignedPrivateIpAddressesSet>
          <item><privateIpAddress>10.0.1.9</privateIpAddress></item>
          <item><privateIpAddress>10.0.1.7</privateIpAddress></item>
        </assignedPrivateIpAddressesSet></AssignPrivateIpAddressesResponse>\
        """);

    assertThat(done(api.assignAddresses("eni-1", 2)))
        .containsExactly(IpAddress.parse("10.0.1.7"), IpAddress.parse("10.0.1.9"));
  }

  @Test
  void neverRepeatsARefusedCall() {
    server.refuses(
        503, "RequestLimitExceeded", "Request limit exceeded.", Map.of("Retry-After", "3"));

    Ec2Error error = failed(api.assignAddresses("eni-1", 2));

    assertThat(error)
        .hasToString(
            "AssignPrivateIpAddresses: RequestLimitExceeded: Request limit exceeded. (request"
                + " req-1)");
    assertThat(error.retryAfter()).contains(Duration.ofSeconds(3));
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aCutConnectionLeavesTheEffectOpen() {
    server.cutsTheConnection();

    Ec2Error error = failed(api.assignAddresses("eni-1", 2));

    assertThat(error.kind()).isEqualTo(Ec2Error.Kind.NO_REPLY);
    assertThat(error.effectUnknown()).isTrue();
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aRefusedConnectionSentNothing() throws Exception {
    int closed;
    try (ServerSocket socket = new ServerSocket(0)) {
      closed = socket.getLocalPort();
    }
    Ec2Connection nobody =
        new Ec2Connection(
            Optional.of("eu-central-1"),
            Optional.of(URI.create("http://127.0.0.1:" + closed)),
            Duration.ofSeconds(30));
    try (SdkEc2Api unreachable = SdkEc2Api.connect(nobody)) {
      Ec2Error error = failed(unreachable.assignAddresses("eni-1", 2));
      assertThat(error.kind()).isEqualTo(Ec2Error.Kind.NOT_SENT);
      assertThat(error.effectUnknown()).isFalse();
    }
  }

  @Test
  void anUnknownHostSentNothingAndIsNamed() {
    Ec2Connection wrong =
        new Ec2Connection(
            Optional.of("eu-central-1"),
            Optional.of(URI.create("http://ec2.nowhere.invalid")),
            Duration.ofSeconds(30));
    try (SdkEc2Api unreachable = SdkEc2Api.connect(wrong)) {
      Ec2Error error = failed(unreachable.describeSubnets("vpc-1"));
      assertThat(error.kind()).isEqualTo(Ec2Error.Kind.NOT_SENT);
      assertThat(error.message()).contains("ec2.nowhere.invalid");
    }
  }

  @Test
  void garbageIsAFaultAndNotACrash() {
    server
        .answers(200, "<html>captive portal</html>")
        .answers(200, "<html>captive portal</html>")
        .answers(200, "<DescribeSubnetsResponse><subnetSet/></DescribeSubnetsResponse>")
        .answers(200, "")
        .answers("\u0000\u0001 not even text")
        .answers("<CreateNetworkInterfaceResponse></CreateNetworkInterfaceResponse>")
        .answers(
            "<DescribeSubnetsResponse><subnetSet><item/></subnetSet></DescribeSubnetsResponse>")
        .answers(interfaces("", eni("eni-0aaaaaaaaaaaaaaa1", "").replace("10.0.1.4", "999.0.1.4")))
        .answers(502, "<html>Bad Gateway</html>");

    assertThat(
            List.of(
                failed(api.createInterface(anInterface())).kind(),
                failed(api.describeInterfaces(new InterfaceQuery.OfVpc("vpc-1"))).kind(),
                failed(api.describeSubnets("vpc-1")).kind(),
                failed(api.deleteInterface("eni-1")).kind(),
                failed(api.describeSubnets("vpc-1")).kind(),
                failed(api.createInterface(anInterface())).kind(),
                failed(api.describeSubnets("vpc-1")).kind(),
                failed(api.describeInterfaces(new InterfaceQuery.OfVpc("vpc-1"))).kind(),
                failed(api.describeSubnets("vpc-1")).kind()))
        .containsOnly(Ec2Error.Kind.UNREADABLE);
  }

  @Test
  void aListingThatNeverEndsIsUnreadable() {
    for (int i = 0; i < 1001; i++) {
      server.answers(interfaces("<nextToken>again</nextToken>", ""));
    }
    assertThat(failed(api.describeInterfaces(new InterfaceQuery.OfVpc("vpc-1"))).message())
        .isEqualTo("a listing has more than 1000 pages");
  }

  @Test
  void bareMetalAndNitroTypesHoldPrefixes() {
    server.answers(
        """
        <DescribeInstanceTypesResponse><instanceTypeSet>
          <item><instanceType>m5.large</instanceType><hypervisor>nitro</hypervisor><bareMetal>false</bareMetal>
            <networkInfo><ipv4AddressesPerInterface>10</ipv4AddressesPerInterface>
              <maximumNetworkInterfaces>3</maximumNetworkInterfaces>
              <networkCards><item><maximumNetworkInterfaces>3</maximumNetworkInterfaces></item></networkCards>
            </networkInfo></item>
          <item><instanceType>t2.micro</instanceType><hypervisor>xen</hypervisor><bareMetal>false</bareMetal>
            <networkInfo><ipv4AddressesPerInterface>2</ipv4AddressesPerInterface>
              <maximumNetworkInterfaces>2</maximumNetworkInterfaces></networkInfo></item>
        </instanceTypeSet></DescribeInstanceTypesResponse>\
        """);

    assertThat(done(api.describeInstanceTypes(List.of())).items())
        .containsExactly(
            new Ec2InstanceType("m5.large", 10, List.of(3), true),
            new Ec2InstanceType("t2.micro", 2, List.of(2), false));
  }

  private static NewInterface anInterface() {
    return new NewInterface("token", "subnet-1", List.of(), "", Map.of(), 0, 0);
  }

  private static String interfaces(String token, String items) {
    return "<DescribeNetworkInterfacesResponse><networkInterfaceSet>"
        + items
        + "</networkInterfaceSet>"
        + token
        + "</DescribeNetworkInterfacesResponse>";
  }

  private static String eni(String id, String more) {
    return "<item>" + eniBody(id, more) + "</item>";
  }

  private static String eniBody(String id, String more) {
    return """
    <networkInterfaceId>%s</networkInterfaceId><vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId>
    <availabilityZone>eu-central-1a</availabilityZone><status>in-use</status>
    <interfaceType>interface</interfaceType><macAddress>02:00:00:00:00:01</macAddress>
    <privateIpAddress>10.0.1.4</privateIpAddress>\
    """
            .formatted(id)
        + more;
  }

  private static <T> T done(Ec2Reply<T> reply) {
    return switch (reply) {
      case Ec2Reply.Done<T> done -> done.value();
      case Ec2Reply.Failed<T> failed -> throw new AssertionError(failed.error());
    };
  }

  private static Ec2Error failed(Ec2Reply<?> reply) {
    return switch (reply) {
      case Ec2Reply.Done<?> done -> throw new AssertionError(done.value());
      case Ec2Reply.Failed<?> failed -> failed.error();
    };
  }
}
