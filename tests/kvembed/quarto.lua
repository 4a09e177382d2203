-- A pandoc reader that does with shortcodes what Quarto does, around the handler of an extension.
--
--     pandoc -f reader.lua -t html page.qmd
--
-- KV_EXTENSION names the folder of the extension and KV_FORMAT what is written, for there is no
-- Quarto on the package index. As in Quarto, a shortcode becomes spans, one a word, whose attributes
-- Markdown reads; a quoted value has no escapes; warnings go to stderr.

local EXTENSION, OUTPUT = os.getenv("KV_EXTENSION"), os.getenv("KV_FORMAT")
local HEAD = {}
local FAMILIES = {
  ["html:js"] = { html = true, revealjs = true },
  html = { html = true, revealjs = true, epub = true },
}

quarto = {
  json = pandoc.json,
  base64 = {
    encode = function(bytes)
      return (pandoc.pipe("base64", { "-w0" }, bytes))
    end,
  },
  log = {
    warning = function(message)
      io.stderr:write("WARNING: " .. message .. "\n")
    end,
  },
  utils = {
    resolve_path = function(name)
      return EXTENSION .. "/" .. name
    end,
  },
  doc = {
    is_format = function(name)
      local family = FAMILIES[name] or { [name] = true }
      return family[OUTPUT] or false
    end,
    add_html_dependency = function(dependency)
      HEAD[dependency.name] = dependency.head
    end,
  },
}

local handlers = dofile(EXTENSION .. "/kv-cache.lua")

local function as_attribute(value)
  return (value:gsub("\\", "\\\\"):gsub('"', '\\"'))
end

--- A word of a shortcode as Markdown gives it back from the attribute of a span.
local function through_markdown(word)
  local span = '[]{data-value="' .. as_attribute(word) .. '"}'
  return pandoc.read(span, "markdown").blocks[1].content[1].attributes["data-value"]
end

local function words_of(inside)
  local args, kwargs = pandoc.List(), {}
  local rest = inside
  while rest:match("%S") do
    rest = rest:gsub("^%s+", "")
    local key, quote, value, after = rest:match("^([%w%-_]+)=([\"'])(.-)%2()")
    if not key then
      key, value, after = rest:match("^([%w%-_]+)=(%S*)()")
    end
    if key then
      kwargs[key] = through_markdown(value)
    else
      value, after = rest:match("^(%S+)()")
      args:insert(through_markdown(value))
    end
    rest = rest:sub(after)
  end
  return args, kwargs
end

local function call(inside, meta)
  local args, kwargs = words_of(inside)
  local handler = handlers[args:remove(1)]
  local none = { __index = function() return pandoc.Inlines({}) end }
  return handler(args, setmetatable(kwargs, none), meta)
end

local function as_blocks(result)
  return pandoc.utils.type(result) == "Blocks" and result or pandoc.Blocks({ result })
end

function Reader(input)
  local text = tostring(input)
  local meta = pandoc.read(text, "markdown").meta
  local blocks, start = pandoc.Blocks({}), 1
  for before, inside, after in text:gmatch("(.-){{<(.-)>}}()") do
    blocks:extend(pandoc.read(before, "markdown").blocks)
    blocks:extend(as_blocks(call(inside, meta)))
    start = after
  end
  blocks:extend(pandoc.read(text:sub(start), "markdown").blocks)
  for _, head in pairs(HEAD) do
    meta["header-includes"] = pandoc.MetaBlocks({ pandoc.RawBlock("html", head) })
  end
  return pandoc.Pandoc(blocks, meta)
end
