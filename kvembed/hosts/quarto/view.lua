-- One exact view, read from the words of a shortcode by the rules of the contract.

local function contents_of(name)
  local file = assert(io.open(quarto.utils.resolve_path(name), "r"))
  local contents = file:read("a")
  file:close()
  return contents
end

local contract = quarto.json.decode(contents_of("contract.json"))

local function refuse(message)
  error({ problem = message })
end

--- Quarto's own quotes cannot hold every character, so a value may be percent-encoded.
local function decoded(text)
  return (text:gsub("%%(%x%x)", function(hex)
    return string.char(tonumber(hex, 16))
  end))
end

local function encoded(text)
  return (text:gsub("[^%w%-._~]", function(byte)
    return ("%%%02X"):format(byte:byte())
  end))
end

local function one_of(word, choices)
  for _, choice in ipairs(choices) do
    if word == choice then
      return true
    end
  end
  return false
end

local function check_text(parameter, text)
  local length = utf8.len(text)
  if not length or text:find("[%z\1-\8\11\12\14-\31\127]") then
    refuse(parameter.name .. " has control or broken characters: take them out")
  elseif length > parameter.most then
    refuse(("%s has %d characters, and at most %d fit"):format(parameter.name, length, parameter.most))
  end
end

--- The value as an address has it.
local function checked(parameter, text)
  local said = parameter.name .. '="' .. text .. '"'
  if parameter.kind == "text" then
    check_text(parameter, text)
    return text
  end
  local plain = text:gsub("%s", "")
  if parameter.kind == "number" or (parameter.kind == "height" and plain ~= "auto") then
    local number = plain:match("^%d%d?%d?%d?$") and math.tointeger(tonumber(plain)) or -1
    if number < parameter.least or number > parameter.most then
      refuse(("%s is not a whole number from %d to %d"):format(said, parameter.least, parameter.most))
    end
    return tostring(number)
  elseif parameter.kind == "choice" and not one_of(plain, parameter.choices) then
    refuse(said .. " is not one of " .. table.concat(parameter.choices, ", "))
  elseif parameter.kind == "names" then
    for word in plain:gmatch("[^,]+") do
      if not one_of(word, parameter.choices) then
        refuse(said .. " is not one of " .. table.concat(parameter.choices, ", "))
      end
    end
  end
  return plain
end

--- The values of `parameters` that `words` has, checked; each is taken out of `words`.
local function take(parameters, words)
  local values = {}
  for _, parameter in ipairs(parameters) do
    local value = words[parameter.name]
    words[parameter.name] = nil
    if value and value ~= "" then
      values[parameter.name] = checked(parameter, value)
    end
  end
  return values
end

local function server_of(meta)
  local settings = meta["kv-cache"]
  local named = settings and settings.server
  local server = named and pandoc.utils.stringify(named) or contract.server
  if not server:match("^https?://[%w%-._~:/%[%]%%]+$") then
    refuse('server="' .. server .. '" is not an address such as https://kv.example.org')
  end
  return (server:gsub("/+$", ""))
end

--- The view that the words of a shortcode ask for. Raises {problem=...} for what is refused.
local function read(args, kwargs, meta)
  local page = args[1] and pandoc.utils.stringify(args[1]) or ""
  if not contract.pages[page] then
    refuse('page="' .. page .. '" is not one of ' .. table.concat(contract.names, ", "))
  end
  local words = {}
  for name, value in pairs(kwargs) do
    words[name] = decoded(pandoc.utils.stringify(value))
  end
  local query, placement = take(contract.address, words), take(contract.placement, words)
  local unknown = next(words)
  if unknown then
    refuse("'" .. unknown .. "' is not a parameter: there are " .. table.concat(contract.parameters, ", "))
  end
  return { page = page, query = query, placement = placement, server = server_of(meta) }
end

--- The pairs of the address in the order of the contract.
local function in_order(asked)
  local found = {}
  for _, parameter in ipairs(contract.address) do
    local value = asked.query[parameter.name]
    if value then
      table.insert(found, { parameter.name, value })
    end
  end
  return found
end

--- The address of the view, or of something that the site makes of it.
local function address(asked, resource)
  local parts = resource and { "page=" .. asked.page } or {}
  for _, pair in ipairs(in_order(asked)) do
    table.insert(parts, pair[1] .. "=" .. encoded(pair[2]))
  end
  local url = asked.server .. "/" .. (resource or contract.pages[asked.page].path)
  return url .. (#parts > 0 and "?" .. table.concat(parts, "&") or "")
end

--- The attributes of the element, in order.
local function attributes(asked)
  local found = { { "page", asked.page }, table.unpack(in_order(asked)) }
  for _, name in ipairs({ "height", "start" }) do
    if asked.placement[name] then
      table.insert(found, { name, asked.placement[name] })
    end
  end
  table.insert(found, { "src", asked.server })
  return found
end

local function language(asked)
  return asked.query.lang or "en"
end

--- The text alternative: the author's own, else the title of the page and the prompt.
local function describe(asked)
  local title = contract.pages[asked.page].title[language(asked)]
  local prompt = asked.query.prompt
  return asked.placement.alt or (title .. (prompt and " “" .. prompt .. "”" or ""))
end

--- The picture of the page that was installed beside this file.
local function picture(asked)
  return contract.pages[asked.page].picture[language(asked)]
end

local function open(asked)
  return contract.open[language(asked)]
end

local function escape(text)
  return (text:gsub("[&<>\"'\n\r\t]", function(found)
    return ("&#%d;"):format(found:byte())
  end))
end

return {
  version = contract.version,
  read = read,
  address = address,
  attributes = attributes,
  describe = describe,
  open = open,
  picture = picture,
  escape = escape,
}
