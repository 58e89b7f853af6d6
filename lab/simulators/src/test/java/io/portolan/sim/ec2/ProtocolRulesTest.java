package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.sim.ec2.action.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProtocolRulesTest {
  private final SimulatedVpc aws = new SimulatedVpc("10.0.0.0/24");

  @Test
  void theSameClientTokenMakesOneInterface() {
    String first = aws.eni("ClientToken", "t", "Description", "pods");
    assertThat(aws.eni("ClientToken", "t", "Description", "pods")).isEqualTo(first);
    assertThat(aws.world.view().interfaces()).hasSize(1);
    assertThat(
            aws.code(
                "CreateNetworkInterface",
                "SubnetId",
                aws.subnet,
                "ClientToken",
                "t",
                "Description",
                "other"))
        .isEqualTo("IdempotentParameterMismatch");
  }

  @Test
  void aDryRunChangesNothingAndStillFindsFaults() {
    assertThat(aws.code("CreateNetworkInterface", "SubnetId", aws.subnet, "DryRun", "true"))
        .isEqualTo("DryRunOperation");
    assertThat(aws.code("CreateNetworkInterface", "SubnetId", "subnet-00000000", "DryRun", "true"))
        .isEqualTo("InvalidSubnetID.NotFound");
    assertThat(aws.world.view().interfaces()).isEmpty();
  }

  @Test
  void parametersAreNeitherMissingNorInvented() {
    assertThat(aws.refusal("CreateNetworkInterface"))
        .isEqualTo("MissingParameter: The request must contain the parameter SubnetId");
    assertThat(aws.refusal("CreateNetworkInterface", "SubnetId", aws.subnet, "Colour", "red"))
        .isEqualTo("UnknownParameter: The parameter Colour is not recognized");
    assertThat(aws.world.view().interfaces()).as("refused means not done").isEmpty();
    assertThat(aws.code("CreateTeapot")).isEqualTo("InvalidAction");
    assertThat(aws.code("DeleteNetworkInterface", "NetworkInterfaceId", "eni-zz"))
        .isEqualTo("InvalidNetworkInterfaceID.Malformed");
    assertThat(
            aws.code(
                "CreateNetworkInterface",
                "SubnetId",
                aws.subnet,
                "SecondaryPrivateIpAddressCount",
                "many"))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  void tagsOfTheCreatingCallAreThereFromTheBeginning() {
    String eni =
        aws.eni(
            "TagSpecification.1.ResourceType", "network-interface",
            "TagSpecification.1.Tag.1.Key", "cluster",
            "TagSpecification.1.Tag.1.Value", "c1");
    assertThat(list("Filter.1.Name", "tag:cluster", "Filter.1.Value.1", "c1")).containsExactly(eni);
    assertThat(list("Filter.1.Name", "tag-key", "Filter.1.Value.1", "cl*")).containsExactly(eni);
    assertThat(
            aws.code(
                "CreateNetworkInterface",
                "SubnetId",
                aws.subnet,
                "TagSpecification.1.ResourceType",
                "volume",
                "TagSpecification.1.Tag.1.Key",
                "a"))
        .isEqualTo("InvalidParameterValue");
  }

  @Test
  void deletingATagWithAValueNeedsThatValue() {
    String eni = aws.eni();
    aws.world.run("CreateTags", "ResourceId.1", eni, "Tag.1.Key", "a", "Tag.1.Value", "1");
    aws.world.run("DeleteTags", "ResourceId.1", eni, "Tag.1.Key", "a", "Tag.1.Value", "2");
    assertThat(tags(eni)).containsExactly("a");
    aws.world.run("DeleteTags", "ResourceId.1", eni, "Tag.1.Key", "a");
    assertThat(tags(eni)).isEmpty();
  }

  private List<String> tags(String id) {
    return aws
        .world
        .run("DescribeTags", "Filter.1.Name", "resource-id", "Filter.1.Value.1", id)
        .find("tagSet")
        .orElseThrow()
        .children()
        .stream()
        .map(tag -> tag.text("key"))
        .toList();
  }

  @Test
  void filtersAreAndedAndTheirValuesOred() {
    String attached = aws.eni("Description", "one");
    String free = aws.eni("Description", "two");
    String instance = aws.instance("m5.large");
    aws.attach(attached, instance, 1);
    assertThat(
            list(
                "Filter.1.Name", "description",
                "Filter.1.Value.1", "one",
                "Filter.1.Value.2", "two",
                "Filter.2.Name", "status",
                "Filter.2.Value.1", "available"))
        .containsExactly(free);
    assertThat(
            list(
                "Filter.1.Name", "attachment.instance-id",
                "Filter.1.Value.1", instance,
                "Filter.2.Name", "attachment.device-index",
                "Filter.2.Value.1", "1"))
        .containsExactly(attached);
    assertThat(
            aws.refusal("DescribeNetworkInterfaces", "Filter.1.Name", "x", "Filter.1.Value.1", "y"))
        .isEqualTo("InvalidParameterValue: The filter 'x' is invalid");
  }

  @Test
  void pagesNeitherRepeatNorSkipWhileThingsComeAndGo() {
    List<String> lasting = new ArrayList<>();
    List<String> passing = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      lasting.add(aws.eni());
      passing.add(aws.eni());
    }
    List<String> seen = new ArrayList<>();
    Optional<String> token = Optional.empty();
    do {
      Element page =
          token.isEmpty()
              ? aws.world.run("DescribeNetworkInterfaces", "MaxResults", "7")
              : aws.world.run(
                  "DescribeNetworkInterfaces", "MaxResults", "7", "NextToken", token.get());
      assertThat(ids(page).size()).isLessThanOrEqualTo(7);
      seen.addAll(ids(page));
      token = page.find("nextToken").map(Element::text);
      aws.world.run("DeleteNetworkInterface", "NetworkInterfaceId", passing.removeLast());
    } while (token.isPresent());
    assertThat(seen).containsAll(lasting).doesNotHaveDuplicates();
  }

  @Test
  void pagingHasItsRules() {
    String eni = aws.eni();
    assertThat(aws.code("DescribeNetworkInterfaces", "MaxResults", "4"))
        .isEqualTo("InvalidParameterValue");
    assertThat(
            aws.code("DescribeNetworkInterfaces", "MaxResults", "5", "NetworkInterfaceId.1", eni))
        .isEqualTo("InvalidParameterCombination");
    assertThat(aws.code("DescribeNetworkInterfaces", "NextToken", "bm9uc2Vuc2U"))
        .isEqualTo("InvalidPaginationToken");
  }

  @Test
  void aTokenBelongsToItsFilters() {
    for (int i = 0; i < 8; i++) {
      aws.eni();
    }
    String token = aws.world.run("DescribeNetworkInterfaces", "MaxResults", "5").text("nextToken");
    assertThat(
            aws.code(
                "DescribeNetworkInterfaces",
                "NextToken",
                token,
                "Filter.1.Name",
                "status",
                "Filter.1.Value.1",
                "available"))
        .isEqualTo("InvalidPaginationToken");
  }

  @Test
  void theSameSeedMakesTheSameWorld() {
    SimulatedVpc other = new SimulatedVpc("10.0.0.0/24");
    assertThat(aws.eni()).isEqualTo(other.eni());
    assertThat(aws.instance("m5.large")).isEqualTo(other.instance("m5.large"));
    assertThat(new SimulatedVpc("10.0.0.0/24", Ec2World.Options.DEFAULT.withSeed(2)).vpc)
        .isNotEqualTo(aws.vpc);
  }

  @Test
  void noIdIsGivenTwice() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 240; i++) {
      ids.add(aws.eni());
    }
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(aws.world.view().interfaces()).extracting(i -> i.mac()).doesNotHaveDuplicates();
  }

  private List<String> list(String... filters) {
    return ids(aws.world.run("DescribeNetworkInterfaces", filters));
  }

  private static List<String> ids(Element answer) {
    return answer.find("networkInterfaceSet").orElseThrow().children().stream()
        .map(item -> item.text("networkInterfaceId"))
        .toList();
  }
}
