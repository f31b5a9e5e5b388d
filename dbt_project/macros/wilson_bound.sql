{#
    Wilson's 95 % bound of a share; sign is -1 for the lower, 1 for the upper one. Of no
    trials there is none. Kept within 0 and 1, which doubles miss by a hair.
#}
{% macro wilson_bound(hits, trials, sign) -%}
    {%- set trials = 'nullif(' ~ trials ~ ', 0)' -%}
    case when {{ hits }} / {{ trials }} is not null then least(greatest((
        ({{ hits }} / {{ trials }} + 1.9208 / {{ trials }})
        + {{ sign }} * 1.96 * sqrt(
            greatest({{ hits }} / {{ trials }} * (1 - {{ hits }} / {{ trials }}), 0) / {{ trials }}
            + 0.9604 / nullif({{ trials }} * {{ trials }}, 0)
        )
    ) / nullif(1 + 3.8416 / {{ trials }}, 0), 0), 1) end
{%- endmacro %}
