package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultRule;
import io.portolan.sim.time.VirtualTime;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The wire itself, byte by byte as a client without an SDK sees it. */
class Ec2SimulatorServerTest {
  private static final String SCOPE =
      "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/ec2/aws4_request, "
          + "SignedHeaders=host, Signature="
          + "0".repeat(64);

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Ec2SimulatorServer server;

  @BeforeEach
  void start() throws IOException {
    server = Ec2SimulatorServer.start(Ec2ServerOptions.loopback(0, VirtualTime.create()));
  }

  @AfterEach
  void stop() {
    http.close();
    server.close();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
  }

  private HttpResponse<String> post(String form) throws Exception {
    return post(form, SCOPE);
  }

  private HttpResponse<String> post(String form, String authorization) throws Exception {
    return send(
        HttpRequest.newBuilder(server.endpoint())
            .header("Authorization", authorization)
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  private static String code(HttpResponse<String> response) {
    Matcher code = Pattern.compile("<Code>(.*?)</Code>").matcher(response.body());
    assertThat(code.find()).as(response.body()).isTrue();
    return response.statusCode() + " " + code.group(1);
  }

  @Test
  void anAnswerLooksLikeEc2s() throws Exception {
    HttpResponse<String> response =
        post("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body())
        .startsWith(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <CreateVpcResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>\
            """)
        .contains("<ownerId>123456789012</ownerId><state>available</state>")
        .endsWith("</vpc></CreateVpcResponse>");
  }

  @Test
  void aRefusalLooksLikeEc2s() throws Exception {
    HttpResponse<String> response = post("Action=DeleteVpc&Version=2016-11-15&VpcId=vpc-00000000");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body().replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID"))
        .isEqualTo(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID \
            'vpc-00000000' does not exist</Message></Error></Errors><RequestID>ID</RequestID>\
            </Response>\
            """);
  }

  @Test
  void requestsThatAreNoRequestsAreRefused() throws Exception {
    assertThat(code(post("Version=2016-11-15"))).isEqualTo("400 MissingAction");
    assertThat(code(post("Action=DescribeVpcs"))).isEqualTo("400 MissingParameter");
    assertThat(code(post("Action=DescribeVpcs&Version=2012-01-01"))).isEqualTo("400 NoSuchVersion");
    assertThat(code(post("Action=DescribeVpcs&Action=CreateVpc")))
        .isEqualTo("400 MalformedQueryString");
    assertThat(code(post("Action=%zz"))).isEqualTo("400 MalformedQueryString");
    assertThat(code(post("x=" + "y".repeat(1 << 20)))).isEqualTo("413 RequestEntityTooLarge");
  }

  @Test
  void credentialsMustBeThereAndForThisEndpoint() throws Exception {
    String request = "Action=DescribeVpcs&Version=2016-11-15";
    assertThat(
            code(
                send(
                    HttpRequest.newBuilder(server.endpoint())
                        .POST(HttpRequest.BodyPublishers.ofString(request)))))
        .isEqualTo("403 MissingAuthenticationToken");
    assertThat(code(post(request, "Basic dTpw"))).isEqualTo("403 IncompleteSignature");
    assertThat(code(post(request, SCOPE.replace("us-east-1", "eu-west-1"))))
        .isEqualTo("401 AuthFailure");
    assertThat(code(post(request, SCOPE.replace("/ec2/", "/s3/")))).isEqualTo("401 AuthFailure");
    assertThat(server.world().calls().count("DescribeVpcs", "AuthFailure")).isEqualTo(2);
  }

  @Test
  void aLostReplyClosesTheConnectionAfterTheFact() {
    server.world().behave(Ec2Behavior.PROMPT.withRule(FaultRule.once("*", new Fault.LostReply())));
    assertThatThrownBy(() -> post("Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16"))
        .isInstanceOf(IOException.class);
    assertThat(server.world().view().vpcs()).hasSize(1);
  }

  @Test
  void faultsCanBeChangedOverHttp() throws Exception {
    URI control = server.endpoint().resolve("/_portolan/faults");
    HttpResponse<String> put =
        send(
            HttpRequest.newBuilder(control)
                .PUT(
                    HttpRequest.BodyPublishers.ofString(
                        """
                        throttling: true
                        faults:
                          rules: [{action: "*", fault: refuse, code: UnauthorizedOperation, status: 403}]
                        """)));
    assertThat(put.statusCode()).as(put.body()).isEqualTo(200);
    assertThat(server.world().behavior().throttling()).isTrue();
    assertThat(code(post("Action=DescribeVpcs&Version=2016-11-15")))
        .isEqualTo("403 UnauthorizedOperation");
    HttpResponse<String> wrong =
        send(
            HttpRequest.newBuilder(control)
                .PUT(HttpRequest.BodyPublishers.ofString("{\"throtling\": true}")));
    assertThat(wrong.statusCode()).isEqualTo(400);
    assertThat(wrong.body()).contains("throtling: is not a field");
    assertThat(send(HttpRequest.newBuilder(control).DELETE()).statusCode()).isEqualTo(200);
    assertThat(server.world().behavior()).isEqualTo(Ec2Behavior.PROMPT);
    assertThat(send(HttpRequest.newBuilder(server.endpoint().resolve("/_portolan/calls"))).body())
        .isEqualTo("{\"DescribeVpcs\":{\"UnauthorizedOperation\":1}}\n");
  }

  @Test
  void anyTextSurvivesTheXml() throws Exception {
    String vpc = server.world().run("CreateVpc", "CidrBlock", "10.0.0.0/16").text("vpc/vpcId");
    server
        .world()
        .run(
            "CreateTags",
            "ResourceId.1",
            vpc,
            "Tag.1.Key",
            "k",
            "Tag.1.Value",
            "<&>\"\u0001\ud83d\udc1a");
    assertThat(post("Action=DescribeTags&Version=2016-11-15").body())
        .contains("<value>&lt;&amp;&gt;&quot;\ufffd\ud83d\udc1a</value>");
  }
}
