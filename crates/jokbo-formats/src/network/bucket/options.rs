//! Which store keeps a bucket, and what it is told of keys.

use std::str::FromStr;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::{GoogleCloudStorageBuilder, GoogleConfigKey};
use object_store::{ObjectStore, RetryConfig};

use super::connector::Connector;
use crate::network::{Fault, Network, Secret};
use crate::source::{Bucket, Provider};

/// What is passed on to a store, by name, and which of these are keys. No option is among them that
/// would run a program or ask another host for a key.
struct Known {
    options: &'static [&'static str],
    keys: &'static [&'static str],
}

const S3: Known = Known {
    options: &[
        "aws_region",
        "aws_default_region",
        "aws_endpoint_url",
        "aws_virtual_hosted_style_request",
        "aws_request_payer",
    ],
    keys: &["aws_access_key_id", "aws_secret_access_key", "aws_session_token"],
};

const GS: Known = Known {
    options: &["google_base_url"],
    keys: &[
        "google_service_account",
        "google_service_account_path",
        "google_service_account_key",
        "google_application_credentials",
    ],
};

const AZ: Known = Known {
    options: &["azure_storage_account_name", "azure_storage_endpoint"],
    keys: &[
        "azure_storage_account_key",
        "azure_storage_access_key",
        "azure_storage_sas_token",
        "azure_storage_token",
        "azure_storage_client_id",
        "azure_storage_client_secret",
        "azure_storage_tenant_id",
    ],
};

/// The store that keeps `bucket`. Without a key it is asked as anybody may ask.
pub(super) fn store(bucket: &Bucket, network: &Network) -> Result<Arc<dyn ObjectStore>, Fault> {
    let connector = Connector::of(network);
    // The connector repeats, and tells every failure as it is.
    let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
    let built: Result<Arc<dyn ObjectStore>, object_store::Error> = match bucket.provider {
        Provider::S3 => {
            let (options, anonymous) = chosen::<AmazonS3ConfigKey>(&S3, network);
            let builder = AmazonS3Builder::new()
                .with_bucket_name(&bucket.name)
                .with_skip_signature(anonymous)
                .with_retry(retry)
                .with_http_connector(connector);
            let with = |b: AmazonS3Builder, (key, value): (_, String)| b.with_config(key, value);
            options.into_iter().fold(builder, with).build().map(|store| Arc::new(store) as _)
        }
        Provider::Gs => {
            let (options, anonymous) = chosen::<GoogleConfigKey>(&GS, network);
            let builder = GoogleCloudStorageBuilder::new()
                .with_bucket_name(&bucket.name)
                .with_skip_signature(anonymous)
                .with_retry(retry)
                .with_http_connector(connector);
            let with =
                |b: GoogleCloudStorageBuilder, (key, value): (_, String)| b.with_config(key, value);
            options.into_iter().fold(builder, with).build().map(|store| Arc::new(store) as _)
        }
        Provider::Az => {
            let (options, anonymous) = chosen::<AzureConfigKey>(&AZ, network);
            let builder = MicrosoftAzureBuilder::new()
                .with_container_name(&bucket.name)
                .with_skip_signature(anonymous)
                .with_retry(retry)
                .with_http_connector(connector);
            let with =
                |b: MicrosoftAzureBuilder, (key, value): (_, String)| b.with_config(key, value);
            options.into_iter().fold(builder, with).build().map(|store| Arc::new(store) as _)
        }
    };
    built.map_err(|_| Fault::Bucket {
        name: bucket.to_string(),
        said: match bucket.provider {
            Provider::Az => "AZURE_STORAGE_ACCOUNT_NAME or a key is missing or is not lawful",
            Provider::Gs => "the service account cannot be read",
            Provider::S3 => "a key or an option is missing or is not lawful",
        }
        .to_owned(),
    })
}

/// The options that are set, and whether no key is among them.
fn chosen<K: FromStr>(known: &Known, network: &Network) -> (Vec<(K, String)>, bool) {
    let set = |name: &&str| network.settings().buckets.get(*name).map(Secret::expose);
    let anonymous = !known.keys.iter().any(|name| set(name).is_some());
    let names = known.options.iter().chain(known.keys);
    let options = names.filter_map(|name| Some((name.parse().ok()?, set(name)?.to_owned())));
    (options.collect(), anonymous)
}
