package io.portolan.aws.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.CloudFault;
import io.portolan.common.cloud.CloudOutcome;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.SubnetId;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class Ec2FaultsTest {
  private static final Ec2Faults.Subject SUBJECT =
      Ec2Faults.Subject.of("assign 2 addresses to eni-1 of n1")
          .in(new SubnetId("subnet-1"))
          .on(new InterfaceId("eni-1"))
          .of(new InstanceId("i-1"));

  @ParameterizedTest(name = "{1} ({0}) means {3}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          503 | RequestLimitExceeded                     | Request limit exceeded. | CloudThrottled
          400 | Throttling                               | Rate exceeded | CloudThrottled
          400 | ThrottlingException                      | Rate exceeded | CloudThrottled
          400 | InsufficientFreeAddressesInSubnet        | not enough free addresses | SubnetExhausted
          400 | InsufficientCidrBlocks                   | not enough free cidr blocks | SubnetExhausted
          400 | InvalidParameterValue                    | There aren't sufficient free Ipv4 addresses or prefixes | SubnetExhausted
          400 | PrivateIpAddressLimitExceeded            | Number of private addresses will exceed limit | InterfaceFull
          400 | InvalidInterface.IpAddressLimitExceeded  | too many addresses for the instance type | InterfaceFull
          400 | AttachmentLimitExceeded                  | Interface count 4 exceeds the limit | MachineFull
          400 | NetworkInterfaceLimitExceeded            | The maximum number of network interfaces | QuotaExceeded
          400 | SomeNewLimitExceeded                     | whatever | QuotaExceeded
          400 | InvalidNetworkInterfaceID.NotFound       | The networkInterface ID 'eni-0123456789abcdef0' does not exist | CloudObjectNotFound
          400 | InvalidInstanceID.NotFound               | The instance ID 'i-0123456789abcdef0' does not exist | CloudObjectNotFound
          400 | InvalidSubnetID.NotFound                 | The subnet ID 'subnet-0123456789abcdef0' does not exist | CloudObjectNotFound
          400 | InvalidAttachmentID.NotFound             | The attachment ID does not exist | CloudObjectNotFound
          400 | InvalidParameterValue                    | Some of the specified addresses are not assigned to interface eni-1 | CloudObjectNotFound
          400 | InvalidNetworkInterface.InUse            | Interface is in use | CloudConflict
          400 | InvalidParameterValue                    | Instance already has an interface attached at device index '1'. | CloudConflict
          400 | InvalidParameterValue                    | Network interface 'eni-1' is currently in use. | CloudConflict
          400 | OperationNotPermitted                    | The network interface at device index 0 cannot be detached | CloudConflict
          400 | IncorrectInstanceState                   | The instance is not in a valid state | CloudConflict
          400 | IdempotentParameterMismatch              | Arguments differ | CloudConflict
          403 | UnauthorizedOperation                    | You are not authorized | CloudPermissionDenied
          401 | AuthFailure                              | AWS was not able to validate the provided access credentials | CloudCredentialsRejected
          400 | RequestExpired                           | Request has expired. | CloudCredentialsRejected
          400 | ExpiredToken                             | The security token included in the request is expired | CloudCredentialsRejected
          403 | InvalidClientTokenId                     | The security token included in the request is invalid | CloudCredentialsRejected
          503 | Unavailable                              | The server is overloaded | CloudUnavailable
          500 | InternalError                            | An internal error has occurred | CloudUnavailable
          400 | InvalidParameterValue                    | Value (x) for parameter y is invalid | CloudRequestInvalid
          400 | MissingParameter                         | The request must contain subnetId | CloudRequestInvalid
          """)
  void judgesEveryCode(int status, String code, String message, String reason) {
    assertThat(Ec2Faults.fault(refused(status, code, message), SUBJECT).reason()).isEqualTo(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          InsufficientFreeAddressesInSubnet | The specified subnet does not have enough free addresses
          InsufficientCidrBlocks            | The specified subnet does not have enough free cidr blocks
          InvalidParameterValue             | There aren't sufficient free Ipv4 addresses or prefixes
          """)
  void aRefusedPrefixMeansFragmentedUntilSinglesAreRefusedToo(String code, String message) {
    assertThat(Ec2Faults.fault(refused(400, code, message), SUBJECT.forPrefixes(true)).reason())
        .isEqualTo("SubnetFragmented");
    assertThat(Ec2Faults.fault(refused(400, code, message), Ec2Faults.Subject.of("?")).reason())
        .as("without knowing the subnet: look again")
        .isEqualTo("CloudConflict");
  }

  @Test
  void namesTheMissingThing() {
    assertThat(
            Ec2Faults.fault(
                refused(
                    400,
                    "InvalidSubnetID.NotFound",
                    "The subnet ID 'subnet-0123456789abcdef0' does not exist"),
                SUBJECT))
        .isInstanceOfSatisfying(
            CloudFault.NotFound.class,
            fault -> assertThat(fault.what()).isEqualTo("subnet-0123456789abcdef0"));
  }

  @Test
  void aThrottledChangeWasNotDoneAndAnInternalErrorMayHaveBeen() {
    Ec2Error throttled = refused(503, "RequestLimitExceeded", "");
    Ec2Error internal = refused(500, "InternalError", "");
    Ec2Error lost = Ec2Error.silent(Ec2Action.ATTACH_NETWORK_INTERFACE, Ec2Error.Kind.NO_REPLY, "");
    Ec2Error unsent =
        Ec2Error.silent(Ec2Action.ATTACH_NETWORK_INTERFACE, Ec2Error.Kind.NOT_SENT, "");

    assertThat(Ec2Faults.outcome(throttled, SUBJECT)).isInstanceOf(CloudOutcome.Failed.class);
    assertThat(Ec2Faults.outcome(internal, SUBJECT)).isInstanceOf(CloudOutcome.Unknown.class);
    assertThat(Ec2Faults.outcome(lost, SUBJECT)).isInstanceOf(CloudOutcome.Unknown.class);
    assertThat(Ec2Faults.outcome(unsent, SUBJECT)).isInstanceOf(CloudOutcome.Failed.class);
  }

  @Test
  void saysWhatToDoAndKeepsTheRequestId() {
    Ec2Error denied =
        refused(
            403,
            "UnauthorizedOperation",
            "You are not authorized to perform this operation. Encoded authorization failure"
                + " message: "
                + "x".repeat(900));
    assertThat(Ec2Faults.fault(denied, SUBJECT).message())
        .isEqualTo(
            "assign 2 addresses to eni-1 of n1: UnauthorizedOperation (You are not authorized to"
                + " perform this operation. [request req-1]): grant the controller's role this"
                + " permission");
    assertThat(
            Ec2Faults.fault(
                    Ec2Error.silent(
                        Ec2Action.DESCRIBE_SUBNETS,
                        Ec2Error.Kind.NOT_SENT,
                        "UnknownHostException: ec2.eu-centrall-1.amazonaws.com"),
                    Ec2Faults.Subject.of("DescribeSubnets of c1"))
                .message())
        .isEqualTo(
            "DescribeSubnets of c1: EndpointUnreachable (UnknownHostException:"
                + " ec2.eu-centrall-1.amazonaws.com; check the region, --ec2-endpoint and the"
                + " network path): trying again");
  }

  @Test
  void listsEveryPermissionTheControllerNeeds() {
    assertThat(Ec2Action.iamNames())
        .containsExactly(
            "ec2:AssignIpv6Addresses",
            "ec2:AssignPrivateIpAddresses",
            "ec2:AttachNetworkInterface",
            "ec2:CreateNetworkInterface",
            "ec2:CreateTags",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeInstances",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ec2:DetachNetworkInterface",
            "ec2:ModifyNetworkInterfaceAttribute",
            "ec2:UnassignIpv6Addresses",
            "ec2:UnassignPrivateIpAddresses");
  }

  private static Ec2Error refused(int status, String code, String message) {
    return new Ec2Error(
        Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES,
        Ec2Error.Kind.REFUSED,
        code,
        message,
        status,
        Optional.of("req-1"),
        Optional.<Duration>empty());
  }
}
