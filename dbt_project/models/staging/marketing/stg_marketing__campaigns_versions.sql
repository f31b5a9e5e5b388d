{{ staged_versions('marketing_campaigns') }}
