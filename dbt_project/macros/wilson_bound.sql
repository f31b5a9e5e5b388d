{#
    Wilson's 95 % bound of a share; sign is -1 for the lower, 1 for the upper one. Of no
    trials there is none. It lies between the share and 0 or 1, which doubles miss by a hair
    where all or none are hits.
#}
{% macro wilson_bound(hits, trials, sign) -%}
    {%- set trials = 'nullif(' ~ trials ~ ', 0)' -%}
    {%- set share = hits ~ ' / ' ~ trials -%}
    {%- set inner, outer = ('least', 'greatest') if sign < 0 else ('greatest', 'least') -%}
    case when {{ share }} is not null then {{ outer }}({{ inner }}((
        ({{ share }} + 1.9208 / {{ trials }})
        + {{ sign }} * 1.96 * sqrt(
            greatest({{ share }} * (1 - {{ share }}), 0) / {{ trials }}
            + 0.9604 / nullif({{ trials }} * {{ trials }}, 0)
        )
    ) / nullif(1 + 3.8416 / {{ trials }}, 0), {{ share }}), {{ 0 if sign < 0 else 1 }}) end
{%- endmacro %}
