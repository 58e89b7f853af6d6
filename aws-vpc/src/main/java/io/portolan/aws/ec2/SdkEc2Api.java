package io.portolan.aws.ec2;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.Ec2ClientBuilder;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.Tag;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * {@link Ec2Api} over the AWS SDK: one HTTP request per call or page.
 *
 * <p>The SDK's own retries are off: it would repeat a changing call whose reply was lost, and spend
 * the account's budget behind the limiter's back. Credentials come from the SDK's default chain
 * (environment, web identity of a service account, EKS pod identity, instance profile).
 */
public final class SdkEc2Api implements Ec2Api, AutoCloseable {
  /** Items per page: the most that EC2 allows for instances, ENIs and subnets. */
  private static final int PAGE = 1000;

  /** Types per page: the most that DescribeInstanceTypes allows. */
  private static final int TYPES_PER_PAGE = 100;

  private final Ec2Client client;

  private SdkEc2Api(Ec2Client client) {
    this.client = client;
  }

  /**
   * Connects lazily: nothing is sent before the first call.
   *
   * @throws IllegalArgumentException if no region is configured anywhere
   */
  public static SdkEc2Api connect(Ec2Connection connection) {
    return connect(
        connection,
        UrlConnectionHttpClient.builder()
            .connectionTimeout(Duration.ofSeconds(5))
            .socketTimeout(connection.attemptTimeout())
            .build());
  }

  /** The same over another transport; the client closes it. */
  static SdkEc2Api connect(Ec2Connection connection, SdkHttpClient http) {
    Duration timeout = connection.attemptTimeout();
    Ec2ClientBuilder builder =
        Ec2Client.builder()
            .httpClientBuilder(ignored -> http)
            .overrideConfiguration(o ->
                o.addExecutionInterceptor(new GenuineReplies())
                    .retryStrategy(DefaultRetryStrategy.doNotRetry())
                    .apiCallTimeout(timeout)
                    .apiCallAttemptTimeout(timeout));
    connection.region().ifPresent(region -> builder.region(Region.of(region)));
    connection.endpoint().ifPresent(builder::endpointOverride);
    try {
      return new SdkEc2Api(builder.build());
    } catch (SdkClientException e) {
      throw new IllegalArgumentException(
          "no AWS region is known; give --region or set AWS_REGION (" + e.getMessage() + ")", e);
    }
  }

  @Override
  public Ec2Reply<Listing<Ec2Instance>> describeInstances(Collection<String> instanceIds) {
    return call(
        Ec2Action.DESCRIBE_INSTANCES,
        () -> {
          Listing<Ec2Instance> all = Listing.none();
          for (List<String> some : Listings.portions(instanceIds)) {
            // A filter, not InstanceIds: one forgotten instance would fail the whole listing.
            Filter ids = Listings.filter("instance-id", some);
            all =
                all.plus(
                    Listings.pages(
                        token ->
                            client.describeInstances(
                                r -> r.filters(ids).maxResults(PAGE).nextToken(token)),
                        page -> page.reservations().stream().flatMap(r -> r.instances().stream()),
                        page -> page.nextToken(),
                        Ec2Mapping::instance));
          }
          return all;
        });
  }

  @Override
  public Ec2Reply<Listing<Ec2InstanceType>> describeInstanceTypes(Collection<String> names) {
    return call(
        Ec2Action.DESCRIBE_INSTANCE_TYPES,
        () -> {
          if (names.isEmpty()) {
            return typePages(List.of());
          }
          Listing<Ec2InstanceType> all = Listing.none();
          for (List<String> some : Listings.portions(names)) {
            all = all.plus(typePages(List.of(Listings.filter("instance-type", some))));
          }
          return all;
        });
  }

  private Listing<Ec2InstanceType> typePages(List<Filter> filters) {
    return Listings.pages(
        token ->
            client.describeInstanceTypes(
                r -> r.filters(filters).maxResults(TYPES_PER_PAGE).nextToken(token)),
        page -> page.instanceTypes().stream(),
        page -> page.nextToken(),
        Ec2Mapping::instanceType);
  }

  @Override
  public Ec2Reply<Listing<Ec2Interface>> describeInterfaces(InterfaceQuery query) {
    return call(
        Ec2Action.DESCRIBE_NETWORK_INTERFACES,
        () ->
            switch (query) {
              case InterfaceQuery.OfVpc vpc ->
                  interfacePages(Listings.filter("vpc-id", List.of(vpc.vpcId())));
              case InterfaceQuery.Tagged tag ->
                  interfacePages(Listings.filter("tag:" + tag.key(), List.of(tag.value())));
              // A filter, not NetworkInterfaceIds: one that is gone is an answer, not an error.
              case InterfaceQuery.ById id ->
                  interfacePages(
                      Listings.filter("network-interface-id", List.of(id.interfaceId())));
              case InterfaceQuery.OfInstances instances -> {
                Listing<Ec2Interface> all = Listing.none();
                for (List<String> some : Listings.portions(instances.instanceIds())) {
                  all = all.plus(interfacePages(Listings.filter("attachment.instance-id", some)));
                }
                yield all;
              }
            });
  }

  private Listing<Ec2Interface> interfacePages(Filter filter) {
    return Listings.pages(
        token ->
            client.describeNetworkInterfaces(
                r -> r.filters(filter).maxResults(PAGE).nextToken(token)),
        page -> page.networkInterfaces().stream(),
        page -> page.nextToken(),
        Ec2Mapping::networkInterface);
  }

  @Override
  public Ec2Reply<Listing<Ec2Subnet>> describeSubnets(String vpcId) {
    return call(
        Ec2Action.DESCRIBE_SUBNETS,
        () ->
            Listings.pages(
                token ->
                    client.describeSubnets(r ->
                        r.filters(Listings.filter("vpc-id", List.of(vpcId)))
                            .maxResults(PAGE)
                            .nextToken(token)),
                page -> page.subnets().stream(),
                page -> page.nextToken(),
                Ec2Mapping::subnet));
  }

  @Override
  public Ec2Reply<Optional<List<Cidr>>> describeVpcCidrs(String vpcId) {
    return call(
        Ec2Action.DESCRIBE_VPCS,
        () ->
            client
                .describeVpcs(r -> r.filters(Listings.filter("vpc-id", List.of(vpcId))))
                .vpcs()
                .stream()
                .findFirst()
                .map(Ec2Mapping::vpcCidrs));
  }

  @Override
  public Ec2Reply<Ec2Interface> createInterface(NewInterface wanted) {
    List<Tag> tags =
        wanted.tags().entrySet().stream()
            .map(e -> Tag.builder().key(e.getKey()).value(e.getValue()).build())
            .toList();
    return call(
        Ec2Action.CREATE_NETWORK_INTERFACE,
        () ->
            Ec2Mapping.networkInterface(
                client
                    .createNetworkInterface(r -> {
                      r.clientToken(wanted.clientToken())
                          .subnetId(wanted.subnetId())
                          .description(wanted.description())
                          .tagSpecifications(
                              TagSpecification.builder()
                                  .resourceType(ResourceType.NETWORK_INTERFACE)
                                  .tags(tags)
                                  .build());
                      if (!wanted.securityGroupIds().isEmpty()) {
                        r.groups(wanted.securityGroupIds());
                      }
                      if (wanted.addresses() > 0) {
                        r.secondaryPrivateIpAddressCount(wanted.addresses());
                      }
                      if (wanted.prefixes() > 0) {
                        r.ipv4PrefixCount(wanted.prefixes());
                      }
                    })
                    .networkInterface()));
  }

  @Override
  public Ec2Reply<String> attachInterface(
      String interfaceId, String instanceId, int deviceIndex, int networkCard) {
    return call(
        Ec2Action.ATTACH_NETWORK_INTERFACE,
        () ->
            Ec2Mapping.required(
                client
                    .attachNetworkInterface(r -> {
                      r.networkInterfaceId(interfaceId)
                          .instanceId(instanceId)
                          .deviceIndex(deviceIndex);
                      // Types with one card refuse the parameter on some generations.
                      if (networkCard > 0) {
                        r.networkCardIndex(networkCard);
                      }
                    })
                    .attachmentId(),
                "attachmentId"));
  }

  @Override
  public Ec2Reply<Ec2Reply.Nothing> deleteOnTermination(String interfaceId, String attachmentId) {
    return change(
        Ec2Action.MODIFY_NETWORK_INTERFACE_ATTRIBUTE,
        () ->
            client.modifyNetworkInterfaceAttribute(r ->
                r.networkInterfaceId(interfaceId)
                    .attachment(a -> a.attachmentId(attachmentId).deleteOnTermination(true))));
  }

  @Override
  public Ec2Reply<Ec2Reply.Nothing> detachInterface(String attachmentId) {
    return change(
        Ec2Action.DETACH_NETWORK_INTERFACE,
        () -> client.detachNetworkInterface(r -> r.attachmentId(attachmentId)));
  }

  @Override
  public Ec2Reply<Ec2Reply.Nothing> deleteInterface(String interfaceId) {
    return change(
        Ec2Action.DELETE_NETWORK_INTERFACE,
        () -> client.deleteNetworkInterface(r -> r.networkInterfaceId(interfaceId)));
  }

  @Override
  public Ec2Reply<List<IpAddress>> assignAddresses(String interfaceId, int count) {
    return call(
        Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES,
        () ->
            client
                .assignPrivateIpAddresses(
                    r -> r.networkInterfaceId(interfaceId).secondaryPrivateIpAddressCount(count))
                .assignedPrivateIpAddresses()
                .stream()
                .map(a -> IpAddress.parse(a.privateIpAddress()))
                .sorted()
                .toList());
  }

  @Override
  public Ec2Reply<List<Cidr>> assignPrefixes(String interfaceId, int count) {
    return call(
        Ec2Action.ASSIGN_PRIVATE_IP_ADDRESSES,
        () ->
            client
                .assignPrivateIpAddresses(
                    r -> r.networkInterfaceId(interfaceId).ipv4PrefixCount(count))
                .assignedIpv4Prefixes()
                .stream()
                .map(p -> Cidr.parse(p.ipv4Prefix()))
                .sorted()
                .toList());
  }

  @Override
  public Ec2Reply<Ec2Reply.Nothing> unassignIpv4(String interfaceId, Collection<Cidr> blocks) {
    return change(
        Ec2Action.UNASSIGN_PRIVATE_IP_ADDRESSES,
        () ->
            client.unassignPrivateIpAddresses(r -> {
              r.networkInterfaceId(interfaceId);
              // An empty list is not "none" to EC2 but a malformed request.
              List<String> addresses = singles(blocks);
              if (!addresses.isEmpty()) {
                r.privateIpAddresses(addresses);
              }
              List<String> prefixes = prefixes(blocks);
              if (!prefixes.isEmpty()) {
                r.ipv4Prefixes(prefixes);
              }
            }));
  }

  @Override
  public Ec2Reply<List<IpAddress>> assignIpv6Addresses(String interfaceId, int count) {
    return call(
        Ec2Action.ASSIGN_IPV6_ADDRESSES,
        () ->
            client
                .assignIpv6Addresses(r -> r.networkInterfaceId(interfaceId).ipv6AddressCount(count))
                .assignedIpv6Addresses()
                .stream()
                .map(IpAddress::parse)
                .sorted()
                .toList());
  }

  @Override
  public Ec2Reply<List<Cidr>> assignIpv6Prefixes(String interfaceId, int count) {
    return call(
        Ec2Action.ASSIGN_IPV6_ADDRESSES,
        () ->
            client
                .assignIpv6Addresses(r -> r.networkInterfaceId(interfaceId).ipv6PrefixCount(count))
                .assignedIpv6Prefixes()
                .stream()
                .map(Cidr::parse)
                .sorted()
                .toList());
  }

  @Override
  public Ec2Reply<Ec2Reply.Nothing> unassignIpv6(String interfaceId, Collection<Cidr> blocks) {
    return change(
        Ec2Action.UNASSIGN_IPV6_ADDRESSES,
        () ->
            client.unassignIpv6Addresses(r -> {
              r.networkInterfaceId(interfaceId);
              List<String> addresses = singles(blocks);
              if (!addresses.isEmpty()) {
                r.ipv6Addresses(addresses);
              }
              List<String> prefixes = prefixes(blocks);
              if (!prefixes.isEmpty()) {
                r.ipv6Prefixes(prefixes);
              }
            }));
  }

  @Override
  public void close() {
    client.close();
  }

  private static Ec2Reply<Ec2Reply.Nothing> change(Ec2Action action, Runnable request) {
    return call(
        action,
        () -> {
          request.run();
          return Ec2Reply.Nothing.NOTHING;
        });
  }

  private static <T> Ec2Reply<T> call(Ec2Action action, Supplier<T> request) {
    try {
      return new Ec2Reply.Done<>(request.get());
    } catch (SdkException e) {
      return new Ec2Reply.Failed<>(SdkErrors.error(action, e));
    } catch (Ec2Mapping.Unreadable | IllegalArgumentException e) {
      return new Ec2Reply.Failed<>(SdkErrors.unreadable(action, e));
    }
  }

  private static List<String> singles(Collection<Cidr> blocks) {
    return blocks.stream()
        .filter(Cidr::isSingleAddress)
        .map(block -> block.network().toString())
        .toList();
  }

  private static List<String> prefixes(Collection<Cidr> blocks) {
    return blocks.stream().filter(block -> !block.isSingleAddress()).map(Cidr::toString).toList();
  }
}
